import Inventory
import Remote
import Rollout

/// A switchover's preconditions, line by line, and what it will move.
struct SwitchoverReport: Sendable {
    var plans: [SwitchoverPlan]

    func report(style: Style) -> Report {
        Report(
            command: "switchover",
            SwitchoverDocument(clusters: plans.map(SwitchoverDocument.ClusterEntry.init)),
            text: plans.map { text($0, style) }.joined(separator: "\n"))
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
        if plan.isRefused {
            let word = plan.unreachable.isEmpty ? "refused" : "unknown"
            return text + "  \(style(.bad, word)): nothing was changed\n"
        }
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
}

/// What a switchover will move, and what must hold before.
struct SwitchoverDocument: OutputDocument, Codable {
    struct ClusterEntry: Codable, Sendable {
        var cluster: String
        /// `null` where overrides are released.
        var to: String?
        var refused: Bool
        var preconditions: [Precondition]
        var moves: [Move]
        var changes: [PlanDocument.Node]

        init(_ plan: SwitchoverPlan) {
            cluster = plan.cluster.name
            to = plan.target?.name
            refused = plan.isRefused
            preconditions = plan.preconditions.map {
                Precondition(what: $0.what, holds: $0.holds, evidence: $0.evidence)
            }
            moves = plan.moves.map {
                Move(
                    cluster: plan.cluster.name, instance: $0.instance, from: $0.from.name, to: $0.to?.name,
                    outageMs: $0.outageMilliseconds)
            }
            changes = (plan.change?.nodes ?? []).map { PlanDocument.Node($0, of: plan.cluster.name) }
        }
    }

    struct Precondition: Codable, Sendable {
        var what: String
        var holds: Bool
        var evidence: String
    }

    struct Move: Codable, Sendable {
        var cluster: String
        var instance: String
        var from: String
        var to: String?
        var outageMs: Int?
    }

    var clusters: [ClusterEntry]

    var table: Table {
        Table(
            columns: ["cluster", "precondition", "holds", "evidence"],
            rows: clusters.flatMap { entry in
                entry.preconditions.map {
                    [entry.cluster, $0.what, $0.holds ? "yes" : "no", $0.evidence].map { Table.Cell($0) }
                }
            })
    }
}
