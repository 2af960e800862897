/// Columns for people: as wide as their widest cell, the last one running on; tab-separated for machines.
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

    func text(_ style: Style, indent: Int = 0) -> String {
        let widths = columns.indices.map { column in
            ([columns[column]] + rows.map { $0[column].text.safeOnOneLine }).map(\.displayWidth).max() ?? 0
        }
        let margin = String(repeating: " ", count: indent)
        func line(_ cells: [Cell]) -> String {
            var out = margin
            for (column, cell) in cells.enumerated() {
                let text = cell.text.safeOnOneLine
                out += style(cell.tone, text)
                if column + 1 < cells.count {
                    out += String(repeating: " ", count: widths[column] - text.displayWidth + 2)
                }
            }
            while out.hasSuffix(" ") { out.removeLast() }
            return out + "\n"
        }
        return line(columns.map { Cell($0.uppercased(), .faint) }) + rows.map(line).joined()
    }

    /// RFC-less but universal: a header line, tabs between, none within.
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
}
