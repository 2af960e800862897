/// A sentence wrapped to the width of a window. Words are never broken, so that paths and commands can be copied.
struct Wrapped: Sendable {
    private var text: String
    private var indent: Int
    private var width: Int?

    /// - `indent`: spaces before each line.
    /// - `width`: columns of the window; with `nil` the sentence stays on one line.
    init(_ text: String, indent: Int, width: Int?) {
        self.text = text
        self.indent = indent
        self.width = width
    }

    /// The lines, each with its indent and a newline.
    var lines: [String] { pieces(from: indent).map { margin + $0 + "\n" } }

    /// The lines. `head`, which may be coloured, replaces the indent of the first one.
    func text(after head: String) -> String {
        let start = Style.sequences.reduce(head) { $0.replacing($1, with: "") }.displayWidth
        return head + pieces(from: start).joined(separator: "\n" + margin) + "\n"
    }

    private var margin: String { String(repeating: " ", count: indent) }

    /// The text of each line when the first one begins in column `start`.
    func pieces(from start: Int) -> [String] {
        guard let width else { return [text] }
        var pieces: [String] = []
        // The current line, its width, and whether it consists of blanks only.
        var piece: (text: String, width: Int, isBlank: Bool)?
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let wordWidth = String(word).displayWidth
            guard let (width: lineWidth, isBlank) = piece.map({ (width: $0.width, isBlank: $0.isBlank) })
            else {
                piece = (String(word), wordWidth, word.isEmpty)
                continue
            }
            let column = (pieces.isEmpty ? start : indent) + lineWidth
            // A line of blanks alone is not ended: the next word would not fit on the next line either.
            if column + 1 + wordWidth <= width || isBlank {
                piece?.text += " "
                piece?.text += word
                piece?.width += 1 + wordWidth
                piece?.isBlank = isBlank && word.isEmpty
            } else if !word.isEmpty {
                pieces.append((piece?.text ?? "").withoutTrailingBlanks)
                piece = (String(word), wordWidth, false)
            }
        }
        if let piece { pieces.append(piece.text) }
        return pieces
    }
}
