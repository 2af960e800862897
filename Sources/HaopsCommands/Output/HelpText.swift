/// What the argument parser has to say, in the order and the words of haops.
struct HelpText: Sendable {
    private var text: String

    init(_ text: String) { self.text = text }

    /// The text with a verb's own options before those that every verb has.
    var ownOptionsFirst: String {
        let sections = text.split(separator: "\n\n", omittingEmptySubsequences: false).map(String.init)
        guard let own = sections.firstIndex(where: { $0.hasPrefix("OPTIONS:\n") }),
            // Every verb has --version and --help alone.
            sections[own].split(separator: "\n").filter({ $0.hasPrefix("  -") }).count > 2,
            let usage = sections.firstIndex(where: { $0.hasPrefix("USAGE: ") })
        else { return text }
        let arguments = sections.firstIndex { $0.hasPrefix("ARGUMENTS:\n") } ?? usage
        guard arguments < own else { return text }
        var ordered = sections
        let section = ordered.remove(at: own)
        let isLast = own == sections.count - 1
        ordered.insert(isLast ? section.trimmingNewlines : section, at: arguments + 1)
        return ordered.joined(separator: "\n\n")
    }

    /// A complaint about the command line: `error:` and `hint:` as everywhere, then the usage.
    ///
    /// - `hint`: takes the place of the parser's own.
    func asError(_ style: Style, hint: String? = nil) -> String {
        let words = [("Error: ", "error:", Style.Tone.bad), ("Help: ", "hint:", .strong)]
        // The parser suggests an option in the sentence that complains: "Unknown option '--sary'. Did you mean '--yes'?"
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
            line -> [Substring] in
            guard line.hasPrefix("Error: "), let suggestion = line.firstRange(of: ". Did you mean ") else {
                return [line]
            }
            let hint = line[line.index(suggestion.lowerBound, offsetBy: 2)...]
            return [line[..<suggestion.lowerBound], "Help: \(hint)"[...]]
        }
        if let hint {
            lines.removeAll { $0.hasPrefix("Help: ") }
            let usage = lines.firstIndex { $0.hasPrefix("Usage: ") } ?? lines.endIndex
            lines.insert("Help: \(hint)"[...], at: usage)
        }
        return lines.map { line in
            for (head, word, tone) in words where line.hasPrefix(head) {
                return style(tone, word) + " " + Self.lowered(line.dropFirst(head.count).drop { $0 == " " })
            }
            return line.hasPrefix("Usage: ") ? "usage: " + line.dropFirst(7) : String(line)
        }.joined(separator: "\n")
    }

    /// The sentence with a small first letter, as all messages have it.
    private static func lowered(_ sentence: Substring) -> String {
        sentence.prefix(1).lowercased() + sentence.dropFirst()
    }
}

extension String {
    fileprivate var trimmingNewlines: String {
        var text = self
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
