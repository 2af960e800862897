/// The commands of a shell script, word by word: the one approximation of a shell's grammar that lint and doctor share.
///
/// Comments and the texts of here documents are left out, and so are the words that open a command (`if`, `exec`, …).
enum ShellCommands {
    /// Whether a text begins with `#!` and a shell.
    static func isShell(_ text: String) -> Bool {
        guard let first = text.split(separator: "\n", maxSplits: 1).first, first.hasPrefix("#!") else {
            return false
        }
        let words = first.dropFirst(2).split(separator: " ")
        return words.prefix(2).contains {
            ["sh", "bash", "dash", "ash", "ksh"].contains($0.split(separator: "/").last)
        }
    }

    /// The lines that are executed, each as its commands.
    static func lines(in text: String) -> [[[Substring]]] {
        var lines: [[[Substring]]] = []
        var documentEnd: String?
        for line in text.split(separator: "\n") {
            if let end = documentEnd {
                if line.trimmed == end { documentEnd = nil }
                continue
            }
            lines.append(commands(in: line))
            documentEnd = hereDocument(in: line)
        }
        return lines
    }

    /// Words after which a new command begins.
    private static let openers: Set<Substring> = [
        "if", "then", "else", "elif", "do", "while", "until", "!", "{", "exec", "time", "nohup", "env",
    ]

    static func commands(in line: Substring) -> [[Substring]] {
        parts(of: line).compactMap { part in
            var words = part.split { $0 == " " || $0 == "\t" }[...]
            while let first = words.first, openers.contains(first) || isAssignment(first) {
                words.removeFirst()
            }
            return words.isEmpty ? nil : Array(words)
        }
    }

    private static func isAssignment(_ word: Substring) -> Bool {
        guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
        return word[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// Splits a line where a command ends or another begins, outside quotes, and removes comments.
    private static func parts(of line: Substring) -> [Substring] {
        var parts: [Substring] = []
        var start = line.startIndex
        var quote: Character?
        var previous: Character = " "
        var index = line.startIndex
        func cut(to end: Substring.Index) { if start < end { parts.append(line[start..<end]) } }
        while index < line.endIndex {
            let letter = line[index]
            let next = line.index(after: index)
            if let open = quote {
                if letter == open, previous != "\\" { quote = nil }
                if open == "\"", letter == "(" && previous == "$" || letter == "`" {
                    start = next
                } else if open == "\"", letter == ")" || letter == "`" {
                    cut(to: index)
                    start = next
                }
            } else if letter == "#", previous == " " || previous == "\t" {
                cut(to: index)
                return parts
            } else if letter == "'" || letter == "\"", previous != "\\" {
                quote = letter
            } else if ";|&()`".contains(letter) {
                cut(to: index)
                start = next
            }
            previous = letter
            index = next
        }
        cut(to: line.endIndex)
        return parts
    }

    /// The word that ends the here document which begins on this line.
    private static func hereDocument(in line: Substring) -> String? {
        guard let range = line.firstRange(of: "<<"), !line[range.upperBound...].hasPrefix("<") else {
            return nil
        }
        let word = line[range.upperBound...].drop { $0 == "-" || $0 == " " }.prefix {
            $0 != " " && $0 != ";" && $0 != "|"
        }
        let name = word.filter { $0 != "'" && $0 != "\"" && $0 != "\\" }
        return name.isEmpty ? nil : String(name)
    }
}

extension Substring {
    fileprivate var trimmed: Substring { drop { $0 == "\t" || $0 == " " } }
}
