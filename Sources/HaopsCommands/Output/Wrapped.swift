/// A sentence on as many lines as it needs in a window of eighty columns. Nothing is cut, and words stay whole, so
/// that commands can be copied.
struct Wrapped: Sendable {
    private var text: String
    private var indent: Int
    private var width: Int

    /// - `indent`: spaces before each line.
    init(_ text: String, indent: Int, width: Int = 80) {
        self.text = text
        self.indent = indent
        self.width = width
    }

    /// The lines, each with its indent and an end.
    var lines: [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(line)
                line = String(word)
            } else {
                line += lines.isEmpty && line.isEmpty ? String(word) : " " + word
            }
        }
        lines.append(line)
        return lines.map { String(repeating: " ", count: indent) + $0 + "\n" }
    }

    /// The lines, the first one behind `head`, which takes the place of its indent.
    func text(after head: String) -> String {
        let lines = lines
        return head + (lines.first.map { $0.dropFirst(indent) } ?? "") + lines.dropFirst().joined()
    }
}
