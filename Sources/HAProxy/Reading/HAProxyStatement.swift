/// A line that counts, with the values of the variables that are known.
package struct HAProxyStatement: Hashable, Sendable {
    package internal(set) var line: HAProxyFile.Line
    /// The path of its file.
    package internal(set) var file: String
    /// Whether a condition before it depends on what is not known, so that nobody can say whether it counts.
    package internal(set) var isUndecided = false

    package var words: [HAProxyFile.Word] { line.words }
    package var keyword: String { line.keyword }
    package var modifier: HAProxyFile.Line.Modifier? { line.modifier }
    package var arguments: ArraySlice<HAProxyFile.Word> { line.arguments }
    /// The words as written.
    package var text: String { line.text }

    /// The argument at a place, counted from 0.
    package func argument(_ index: Int) -> String? {
        let place = arguments.startIndex + index
        return arguments.indices.contains(place) ? arguments[place].value : nil
    }

    package var location: HAProxyFile.Location {
        HAProxyFile.Location(file: file, line: line.number, column: line.words.first?.column ?? 1)
    }

    package func location(of word: HAProxyFile.Word) -> HAProxyFile.Location {
        HAProxyFile.Location(file: file, line: line.number, column: word.column)
    }

    /// The name of what the line sets: its keyword, with the next word where that says which setting:
    /// `timeout client`, `option httplog`.
    package var setting: String {
        Self.families.contains(keyword) ? "\(keyword) \(argument(0) ?? "")" : keyword
    }

    private static let families: Set<String> = [
        "timeout", "option", "stats", "email-alert", "external-check", "http-check", "tcp-check",
    ]
}
