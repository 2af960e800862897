/// Finds in a command what only a shell would understand.
enum ShellSigns {
    /// Programs whose arguments are patterns, in which `|` is an alternative.
    private static let matchers: Set<Substring> = [
        "grep", "egrep", "pgrep", "pkill", "killall", "awk", "gawk", "sed", "expr", "ngrep",
    ]

    /// The first `|`, `||`, `&&`, `&`, `;`, `>`, backquote or `$(` outside quotes, also glued to a word.
    static func first(in text: String) -> String? {
        let bytes = Array(text.utf8)
        let program = text.split(separator: " ").first?.split(separator: "/").last ?? ""
        var quote: UInt8?
        var wordStart = 0
        var index = 0
        func byte(_ index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }
        func isEdge(_ index: Int) -> Bool { byte(index)?.isWhiteSpace ?? true }
        while index < bytes.count {
            let current = bytes[index]
            if current == ASCII.backslash {
                index += 2
                continue
            }
            if let open = quote {
                if current == open { quote = nil }
                index += 1
                continue
            }
            if current.isWhiteSpace { wordStart = index + 1 }
            let next = byte(index + 1)
            let isGlued = !isEdge(index - 1)
            switch current {
            case ASCII.quote, ASCII.apostrophe:
                quote = current
            case UInt8(ascii: "|"):
                if next == current { return "||" }
                if !isGlued || !matchers.contains(program) { return "|" }
            case UInt8(ascii: "&"):
                if next == current { return "&&" }
                // `&` inside a word may belong to an address: http://host/?a=1&b=2
                if isEdge(index + 1), index + 1 >= bytes.count || !isGlued { return "&" }
            case UInt8(ascii: ";"):
                if !String(decoding: bytes[wordStart..<index], as: UTF8.self).contains("://") { return ";" }
            case UInt8(ascii: ">"):
                let isNumbered = index > wordStart && bytes[wordStart..<index].allSatisfy(\.isDigit)
                let opensFile = next == ASCII.slash || next == UInt8(ascii: "&") || next == ASCII.dollar
                if index == wordStart || isNumbered || opensFile || isEdge(index + 1) { return ">" }
            case UInt8(ascii: "`"):
                return "`"
            case ASCII.dollar where next == ASCII.openParenthesis:
                return "$("
            default:
                break
            }
            index += 1
        }
        return nil
    }
}
