/// A table. As text its columns are as wide as their widest cell, or as the window allows; as TSV they are
/// tab-separated.
struct Table: Sendable {
    struct Cell: Sendable, ExpressibleByStringLiteral {
        var text: String
        var tone: Style.Tone?

        init(_ text: String, _ tone: Style.Tone? = nil) {
            self.text = text
            self.tone = tone
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    var columns: [String]
    var rows: [[Cell]]

    init(columns: [String], rows: [[Cell]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// The table as text. In a narrow window cells are wrapped at blanks.
    func text(_ style: Style, indent: Int = 0) -> String {
        let header = columns.map { Cell($0.uppercased(), .faint) }
        let cells = ([header] + rows).map { row in row.map { Cell($0.text.safeOnOneLine, $0.tone) } }
        let widths = widths(of: cells, in: style.width.map { $0 - indent })
        let margin = String(repeating: " ", count: indent)
        func line(_ pieces: [Cell]) -> String {
            var out = margin
            for (column, piece) in pieces.enumerated() {
                out += style(piece.tone, piece.text)
                if column + 1 < pieces.count {
                    out += String(repeating: " ", count: max(0, widths[column] - piece.text.displayWidth) + 2)
                }
            }
            return out.withoutTrailingBlanks + "\n"
        }
        return cells.map { row in
            let columns = zip(row, widths).map { cell, width in
                Wrapped(cell.text, indent: 0, width: width).pieces(from: 0).map { Cell($0, cell.tone) }
            }
            let height = columns.map(\.count).max() ?? 0
            return (0..<height).map { index in
                line(columns.map { index < $0.count ? $0[index] : "" })
            }.joined()
        }.joined()
    }

    /// The least width of a wrapped column: one or two words per line are harder to read than a line that is too
    /// long.
    private static let narrowest = 20

    /// The column widths. When the window is too narrow the last column, which holds sentences, shrinks first,
    /// and then the widest one.
    private func widths(of cells: [[Cell]], in window: Int?) -> [Int] {
        var widths = columns.indices.map { column in cells.map { $0[column].text.displayWidth }.max() ?? 0 }
        guard let window, let last = columns.indices.last else { return widths }
        for column in [last] + columns.indices.dropLast().sorted(by: { widths[$0] > widths[$1] }) {
            let excess = widths.reduce(2 * last, +) - window
            guard excess > 0 else { break }
            // A word that is longer than its line may overflow only in the last column.
            let longest = column == last ? 0 : cells.map { $0[column].longestWord }.max() ?? 0
            widths[column] = min(widths[column], max(widths[column] - excess, longest, Self.narrowest))
        }
        return widths
    }

    /// Tab-separated values: a header line, and no tabs within cells.
    var tsv: String {
        ([columns] + rows.map { $0.map(\.text) })
            .map {
                $0.map { $0.safeOnOneLine.map { $0 == "\t" ? " " : String($0) }.joined() }.joined(
                    separator: "\t")
            }
            .joined(separator: "\n") + "\n"
    }
}

extension String {
    /// Columns on a terminal: one per character, which is right for what haops prints itself.
    var displayWidth: Int { count }

    var withoutTrailingBlanks: String {
        String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
    }
}

extension Table.Cell {
    fileprivate var longestWord: Int { text.split(separator: " ").map(\.count).max() ?? 0 }
}
