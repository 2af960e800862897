import Addresses
import Inventory
import Remote
import Rollout

/// Several drills one after the other: each of them, and the median and the worst of what was measured.
struct DrillSeriesReport: Sendable {
    var drills: [DrillReport]
    /// Cases that were not begun, and why.
    var skipped: [(plan: DrillPlan, why: String)] = []
    /// With the figures of each.
    var isDetailed = false

    /// The gravest of their ends.
    var exit: HaopsExit {
        let order: [HaopsExit] = [.outcomeUnknown, .failed, .interrupted, .unreachable, .refused, .badState]
        return order.first { exit in drills.contains { $0.exit == exit } } ?? .done
    }

    func report(style: Style) -> Report {
        Report(
            command: "drill",
            DrillSeriesDocument(
                drills: drills.map(\.document), summary: summary,
                skipped: skipped.map { .init(case: $0.plan.failure.rawValue, why: $0.why) }),
            text: text(style))
    }

    private var summary: [DrillSeriesDocument.Summary] {
        struct Key: Hashable {
            var failure: String
            var vip: String
            var observer: String
            var probe: String
        }
        var order: [Key] = []
        var found: [Key: [DrillDocument.Measurement]] = [:]
        for drill in drills.map(\.document) {
            for one in drill.measurements {
                let key = Key(failure: drill.case, vip: one.vip, observer: one.observer, probe: one.probe)
                if found[key] == nil { order.append(key) }
                found[key, default: []].append(one)
            }
        }
        return order.map { key in
            let all = found[key] ?? []
            func sorted(_ figure: (DrillDocument.Measurement) -> Int) -> [Int] { all.map(figure).sorted() }
            let there = sorted(\.failover.silenceMs)
            let back = sorted(\.reversion.silenceMs)
            return DrillSeriesDocument.Summary(
                case: key.failure, vip: key.vip, observer: key.observer, probe: key.probe, runs: all.count,
                medianMs: there.median, worstMs: there.last ?? 0, backMedianMs: back.median,
                backWorstMs: back.last ?? 0)
        }
    }

    private func text(_ style: Style) -> String {
        var text = drills.map { drill in
            var drill = drill
            drill.isBrief = !isDetailed
            return drill.report(style: style).text
        }.joined()
        text += "\n"
        text += Table(
            columns: ["case", "address", "from", "runs", "median", "worst", "back", "worst"],
            rows: summary.map { one in
                func time(_ milliseconds: Int) -> Table.Cell {
                    Table.Cell(milliseconds == 0 ? "none" : "\(milliseconds) ms")
                }
                return [
                    Table.Cell(one.case, .strong), Table.Cell(one.vip),
                    Table.Cell("\(one.observer) \(one.probe)"), Table.Cell("\(one.runs)"), time(one.medianMs),
                    time(one.worstMs), time(one.backMedianMs), time(one.backWorstMs),
                ]
            }
        ).text(style)
        for (plan, why) in skipped {
            text += Wrapped(why.safeOnOneLine, indent: 4, width: style.width)
                .text(after: style(.warning, "not made: ") + plan.failure.rawValue + ": ")
        }
        return text
    }
}

/// What several drills have measured.
struct DrillSeriesDocument: OutputDocument, Codable {
    /// Of one case, address and probe; milliseconds, 0 where no silence is claimed.
    struct Summary: Codable, Sendable {
        var `case`: String
        var vip: String
        var observer: String
        var probe: String
        var runs: Int
        /// While the failure lasted.
        var medianMs: Int
        var worstMs: Int
        /// From its end until all was as before.
        var backMedianMs: Int
        var backWorstMs: Int
    }

    struct Skipped: Codable, Sendable {
        var `case`: String
        var why: String
    }

    var drills: [DrillDocument]
    var summary: [Summary]
    var skipped: [Skipped]

    var table: Table {
        Table(
            columns: [
                "case", "vip", "observer", "probe", "runs", "median_ms", "worst_ms", "back_median_ms",
                "back_worst_ms",
            ],
            rows: summary.map { one in
                [
                    one.case, one.vip, one.observer, one.probe, "\(one.runs)", "\(one.medianMs)",
                    "\(one.worstMs)",
                    "\(one.backMedianMs)", "\(one.backWorstMs)",
                ].map { Table.Cell($0) }
            })
    }
}

extension [Int] {
    /// Of sorted numbers; of an even count the lower of the two in the middle.
    fileprivate var median: Int { isEmpty ? 0 : self[(count - 1) / 2] }
}
