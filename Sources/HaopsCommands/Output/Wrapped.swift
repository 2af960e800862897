/// A sentence on as many lines as it needs in a window. Nothing is cut, and words stay whole, so that paths and
/// commands can be copied.
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

    /// The lines, each with its indent and an end.
    var lines: [String] { pieces(from: indent).map { margin + $0 + "\n" } }

    /// The lines, the first one behind `head`, which takes the place of its indent and may be coloured.
    func text(after head: String) -> String {
        let start = Style.sequences.reduce(head) { $0.replacing($1, with: "") }.displayWidth
        return head + pieces(from: start).joined(separator: "\n" + margin) + "\n"
    }

    private var margin: String { String(repeating: " ", count: indent) }

    /// What stands on each line when the first one begins in column `start`.
    func pieces(from start: Int) -> [String] {
        guard let width else { return [text] }
        var pieces: [String] = []
        // The line under way, its columns and whether it has nothing but blanks, kept as it grows.
        var piece: (text: String, width: Int, isBlank: Bool)?
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let wordWidth = String(word).displayWidth
            guard let (width: lineWidth, isBlank) = piece.map({ (width: $0.width, isBlank: $0.isBlank) })
            else {
                piece = (String(word), wordWidth, word.isEmpty)
                continue
            }
            let column = (pieces.isEmpty ? start : indent) + lineWidth
            // Blanks alone are no line: a word behind them would not fit on the next one either.
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
