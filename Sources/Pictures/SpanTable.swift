/// Rows of words, each with a stretch of time: how long something would take at least and at most.
package struct SpanTable: Hashable, Sendable {
    /// How long it takes.
    package enum Span: Hashable, Sendable {
        /// Milliseconds.
        case between(Int, Int)
        /// It does not end by itself.
        case endless
        /// Nothing that a bar could show.
        case none
    }

    /// What stands out in a row: a word that says it, and how much.
    package struct Mark: Hashable, Sendable {
        package var word: String
        package var isBad: Bool

        package init(_ word: String, isBad: Bool) { (self.word, self.isBad) = (word, isBad) }
    }

    package struct Row: Hashable, Sendable {
        /// One for each column.
        package var cells: [String]
        package var span: Span
        package var mark: Mark?

        package init(_ cells: [String], span: Span, mark: Mark? = nil) {
            (self.cells, self.span, self.mark) = (cells, span, mark)
        }
    }

    package var title: String
    package var columns: [String]
    /// The column whose cells have a bar beside their words.
    package var spanColumn: Int
    /// In the order in which they are shown.
    package var rows: [Row]
    /// What holds for the whole table, a sentence each.
    package var notes: [String]

    package init(title: String, columns: [String], spanColumn: Int, rows: [Row], notes: [String] = []) {
        (self.title, self.columns, self.spanColumn) = (title, columns, spanColumn)
        (self.rows, self.notes) = (rows, notes)
    }
}

/// The scale that the bars of all tables have in common, from zero on.
struct SpanScale {
    /// Milliseconds: where the scale ends.
    let end: Int
    private let step: Int

    init(_ tables: [SpanTable]) {
        let longest =
            tables.flatMap(\.rows).map { row in
                if case .between(_, let longest) = row.span { longest } else { 0 }
            }.max() ?? 0
        step = Self.steps.first { longest <= $0 * 4 } ?? max(1, longest / 4)
        end = step * max(1, (longest + step - 1) / step)
    }

    private static let steps = [
        25, 50, 100, 250, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
        1_800_000, 3_600_000, 21_600_000, 86_400_000,
    ]

    /// Four at most behind zero.
    var ticks: [(time: Int, label: String)] {
        stride(from: 0, through: end, by: step).map { ($0, Self.words($0)) }
    }

    /// "0", "500 ms", "2 s", "10 min".
    private static func words(_ milliseconds: Int) -> String {
        if milliseconds == 0 { return "0" }
        if milliseconds % 1000 != 0 { return "\(milliseconds) ms" }
        let seconds = milliseconds / 1000
        return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s"
    }

    /// The part of the scale's length at which a time stands.
    func part(_ time: Int) -> Double { Double(min(max(0, time), end)) / Double(end) }
}
