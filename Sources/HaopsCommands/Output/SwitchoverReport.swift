import Inventory
import Remote
import Rollout

/// A switchover's preconditions, line by line, and what it will move.
struct SwitchoverReport: Sendable {
    var plans: [SwitchoverPlan]

    func report(style: Style) -> Report {
        Report(
            command: "switchover", members: [("clusters", .array(plans.map(Self.document)))],
            text: plans.map { text($0, style) }.joined(separator: "\n"),
            tsv: Table(
                columns: ["cluster", "precondition", "holds", "evidence"],
                rows: plans.flatMap { plan in
                    plan.preconditions.map {
                        [
                            Table.Cell(plan.cluster.name), Table.Cell($0.what),
                            Table.Cell($0.holds ? "yes" : "no"),
                            Table.Cell($0.evidence),
                        ]
                    }
                }))
    }

    private func text(_ plan: SwitchoverPlan, _ style: Style) -> String {
        var text = style(.strong, "cluster \(plan.cluster.name)") + ": "
        text += (plan.target.map { "switchover to \($0)" } ?? "release of all overrides") + "\n"
        for condition in plan.preconditions {
            let mark = condition.holds ? style(.good, "ok ") : style(.bad, "no ")
            text +=
                "  \(mark) \(condition.what.safeOnOneLine)"
                + style(.faint, ": \(condition.evidence.safeOnOneLine)") + "\n"
        }
        if plan.isRefused { return text + "  \(style(.bad, "refused")): nothing was changed\n" }
        if plan.isEmpty { return text + "  \(style(.good, "nothing to do"))\n" }
        if let change = plan.change {
            for obstacle in change.obstacles {
                text += "  \(style(.bad, "in the way:")) \(obstacle.safeOnOneLine)\n"
            }
            text += PlanReport(plans: [], isDetailed: false).changes(change, style) + "\n"
        }
        for move in plan.moves {
            let outage = move.outageMilliseconds.map {
                $0 == 0 ? "no outage expected" : "about \(Duration.milliseconds($0).brief) without service"
            }
            text += "  \(move.instance.safeOnOneLine): \(move.from) → \(move.to?.name ?? "?")"
            text += (outage.map { ", \($0)" } ?? "") + "\n"
        }
        return text
    }

    private static func document(_ plan: SwitchoverPlan) -> OutputValue {
        [
            "cluster": .text(plan.cluster.name), "to": OutputValue(plan.target?.name),
            "refused": .bool(plan.isRefused),
            "preconditions": .array(
                plan.preconditions.map {
                    ["what": .text($0.what), "holds": .bool($0.holds), "evidence": .text($0.evidence)]
                }),
            "moves": .array(
                plan.moves.map {
                    [
                        "instance": .text($0.instance), "from": .text($0.from.name),
                        "to": OutputValue($0.to?.name),
                        "outage_ms": OutputValue($0.outageMilliseconds),
                    ]
                }),
            "changes": .array((plan.change?.nodes ?? []).map(PlanReport.document)),
        ]
    }
}
