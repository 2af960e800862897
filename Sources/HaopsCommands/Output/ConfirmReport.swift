import Facts
import Inventory
import Remote
import Rollout

/// What waits for a person to confirm it, cluster by cluster.
struct ConfirmReport: Sendable {
    var plans: [ConfirmPlan]

    func report(style: Style) -> Report {
        Report(command: "confirm", ConfirmDocument(plans), text: text(style))
    }

    private func text(_ style: Style) -> String {
        var text = ""
        for plan in plans {
            for change in plan.changes {
                text += Wrapped(words(change), indent: 2, width: style.width).text(
                    after: style(.strong, "cluster \(plan.cluster.name.safeOnOneLine)") + ": ")
            }
            for obstacle in plan.obstacles {
                let lines = obstacle.split(separator: "\n").map { String($0).safeOnOneLine }
                for (index, line) in lines.enumerated() {
                    text += Wrapped(line, indent: 4, width: style.width).text(
                        after: index == 0 ? "  " + style(.bad, "in the way:") + " " : "    ")
                }
            }
        }
        guard text.isEmpty else { return text }
        let isComplete = plans.allSatisfy(\.unreachable.isEmpty)
        return "nothing waits for confirmation\(isComplete ? "" : ", as far as nodes answered")\n"
    }

    private func words(_ change: ConfirmPlan.Change) -> String {
        let due = change.secondsLeft > 0 ? "in \(Duration.seconds(change.secondsLeft).roughly)" : "now"
        return
            ("\(change.held) at \(change.held.since) on "
            + "\(NodeRange.folded(change.nodes.map(\.name))): goes back \(due) (run \(change.run))")
            .safeOnOneLine
    }
}

/// What waits for `haops confirm`.
struct ConfirmDocument: OutputDocument, Codable {
    struct Change: Codable, Sendable {
        var cluster: String
        var run: String
        var who: String
        var what: String
        var since: String
        var nodes: [String]
        /// Until the first node goes back; negative when it is overdue.
        var secondsLeft: Int
    }

    var changes: [Change]
    /// Nodes that did not answer.
    var unreachable: [String]

    init(_ plans: [ConfirmPlan]) {
        changes = plans.flatMap { plan in
            plan.changes.map {
                Change(
                    cluster: plan.cluster.name, run: $0.run, who: $0.held.who, what: $0.held.what,
                    since: $0.held.since, nodes: $0.nodes.map(\.name), secondsLeft: $0.secondsLeft)
            }
        }
        unreachable = plans.flatMap { $0.unreachable.keys.sorted().map(\.name) }
    }

    var table: Table {
        Table(
            columns: ["cluster", "run", "nodes", "by", "seconds left"],
            rows: changes.map {
                [
                    $0.cluster, $0.run, NodeRange.folded($0.nodes), "\($0.what) by \($0.who)",
                    "\($0.secondsLeft)",
                ]
                .map { Table.Cell($0) }
            })
    }
}
