import Checks
import Keepalived
import Pictures

extension ReadyReport {
    /// The tables with a bar for each silence; rows that end badly come first.
    var spanTables: [SpanTable] {
        groups.flatMap { group in
            group.cluster.instances.filter(isShown).map { instance in
                let names = group.title.map { "\($0.names)\($0.example): " } ?? ""
                let rows = rows(of: instance).map { row -> (rank: Int, row: SpanTable.Row) in
                    let isAccepted = accepted.contains(row.failure)
                    let mark = row.mark(isAccepted: isAccepted)
                    let words = RowWords(row, isAccepted: isAccepted).cells
                    return (
                        mark.map { $0.isBad ? 0 : 1 } ?? 2,
                        SpanTable.Row(words.map { $0.text.safeOnOneLine }, span: row.span, mark: mark)
                    )
                }
                let ordered = (0...2).flatMap { rank in rows.filter { $0.rank == rank }.map(\.row) }
                return SpanTable(
                    title: (names + heading(of: instance)).safeOnOneLine, columns: RowWords.columns,
                    spanColumn: RowWords.silenceColumn, rows: ordered,
                    notes: instance.notes.map { "note: \($0)".safeOnOneLine })
            }
        }
    }

    var page: SpanTablePage {
        let found = findings
        return SpanTablePage(
            title: "haops ready",
            remarks: [
                "What each single failure would do: who owns the addresses then, for how long nobody serves, whether that node serves, and what follows when the failure ends."
            ] + (found.isEmpty ? [allClear] : []),
            tables: spanTables,
            advice: found.map { finding in
                SpanTablePage.Advice(
                    title: "\(finding.severity) \(finding.id): \(finding.message)".safeOnOneLine,
                    lines: [("effect", finding.effect), ("fix", finding.fix)].filter { !$0.1.isEmpty }
                        .map { "\($0.0): \($0.1)".safeOnOneLine })
            })
    }
}

extension ReadinessRow {
    /// What stands out, in words.
    fileprivate func mark(isAccepted: Bool) -> SpanTable.Mark? {
        if verdict.isBad {
            return isAccepted
                ? SpanTable.Mark("accepted", isBad: false) : SpanTable.Mark("ends badly", isBad: true)
        }
        if verdict == .notProvable { return SpanTable.Mark("not provable", isBad: false) }
        if case .differently = service { return SpanTable.Mark("serves otherwise", isBad: false) }
        return nil
    }

    fileprivate var span: SpanTable.Span {
        if verdict == .notProvable || verdict == .twoOwners { return .none }
        return silence.map { .between($0.shortest.milliseconds, $0.longest.milliseconds) } ?? .endless
    }
}
