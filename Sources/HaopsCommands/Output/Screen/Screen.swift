/// A terminal's window as cells. Two of them differ by the fewest bytes that turn one into the other. Pure.
///
/// Every cell holds one character of one column. What is wider, combines with others or would control the terminal is
/// replaced, so that nothing that a node prints can move the cursor.
struct Screen: Equatable, Sendable {
    struct Cell: Equatable, Sendable {
        var scalar: Unicode.Scalar = " "
        var tone: Style.Tone?
        var isReversed = false
    }

    let width: Int
    let height: Int
    private(set) var rows: [[Cell]]

    init(width: Int, height: Int) {
        (self.width, self.height) = (max(1, width), max(1, height))
        rows = Array(repeating: Array(repeating: Cell(), count: self.width), count: self.height)
    }

    /// Writes a text on one line, cut at the end of the line or at `limit` columns.
    ///
    /// - Returns: the column behind it.
    @discardableResult
    mutating func write(
        _ text: String, row: Int, column: Int = 0, limit: Int? = nil, tone: Style.Tone? = nil,
        reversed: Bool = false
    ) -> Int {
        guard rows.indices.contains(row) else { return column }
        var column = column
        let end = min(width, limit.map { column + $0 } ?? width)
        let scalars = text.safeOnOneLine.map(Self.shown)
        for (index, scalar) in scalars.enumerated() where column < end && column >= 0 {
            // What does not fit ends with a sign that says so.
            let isCut = column == end - 1 && index < scalars.count - 1
            rows[row][column] = Cell(
                scalar: isCut ? (TerminalLocale.isUTF8 ? "…" : "~") : scalar, tone: tone, isReversed: reversed
            )
            column += 1
        }
        return column
    }

    /// Shows a whole line reversed, as the chosen one.
    mutating func reverse(row: Int) {
        guard rows.indices.contains(row) else { return }
        for column in rows[row].indices { rows[row][column].isReversed = true }
    }

    /// The text of a line, without its end's blanks.
    func text(row: Int) -> String {
        String(String.UnicodeScalarView(rows[row].map(\.scalar))).withoutTrailingBlanks
    }

    var text: String { rows.indices.map { text(row: $0) }.joined(separator: "\n") }

    private static func shown(_ character: Character) -> Unicode.Scalar {
        guard character.unicodeScalars.count == 1, let scalar = character.unicodeScalars.first else {
            return "?"
        }
        return switch scalar.value {
        // Latin, Greek, Cyrillic; dashes, quotes, arrows, boxes and blocks: each takes one column.
        case 0x20...0x7e, 0xa1...0xac, 0xae...0x2ff, 0x370...0x482, 0x48a...0x52f: scalar
        case 0x2010...0x2027, 0x2190...0x21ff, 0x2500...0x259f, 0x25cb, 0x25cf: scalar
        default: "?"
        }
    }
}

extension Screen {
    /// The bytes that turn what is on the terminal into this.
    ///
    /// - `old`: what is there; `nil` when that is not known, and everything is drawn.
    func update(from old: Screen?, isColored: Bool) -> String {
        var out = ""
        let known = old.flatMap { $0.width == width && $0.height == height ? $0 : nil }
        if known == nil { out += Self.reset + "\u{1b}[2J" }
        var pen = Pen()
        for row in rows.indices {
            guard let old = known?.rows[row] else {
                draw(row, 0..<filled(row), isColored, &pen, &out)
                continue
            }
            guard old != rows[row] else { continue }
            for range in Self.differences(rows[row], old) { draw(row, range, isColored, &pen, &out) }
        }
        if pen.isSet { out += Self.reset }
        return out
    }

    private static let reset = "\u{1b}[0m"

    /// The look of the next character on the terminal.
    private struct Pen {
        var tone: Style.Tone?
        var isReversed = false
        var isSet: Bool { tone != nil || isReversed }
    }

    /// Where two lines differ. Short pieces between differences are drawn again: moving the cursor costs as much.
    private static func differences(_ new: [Cell], _ old: [Cell]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for column in new.indices where new[column] != old[column] {
            if let last = ranges.last, column - last.upperBound < 8 {
                ranges[ranges.count - 1] = last.lowerBound..<column + 1
            } else {
                ranges.append(column..<column + 1)
            }
        }
        return ranges
    }

    /// How many columns of a line are not blank.
    private func filled(_ row: Int) -> Int {
        (rows[row].lastIndex { $0 != Cell() } ?? -1) + 1
    }

    private func draw(
        _ row: Int, _ range: Range<Int>, _ isColored: Bool, _ pen: inout Pen, _ out: inout String
    ) {
        guard !range.isEmpty else { return }
        out += "\u{1b}[\(row + 1);\(range.lowerBound + 1)H"
        for cell in rows[row][range] {
            let tone = isColored ? cell.tone : nil
            if pen.tone != tone || pen.isReversed != cell.isReversed {
                if pen.isSet { out += Self.reset }
                pen = Pen(tone: tone, isReversed: cell.isReversed)
                if let tone { out += tone.sequence }
                if cell.isReversed { out += "\u{1b}[7m" }
            }
            out.unicodeScalars.append(cell.scalar)
        }
    }
}
