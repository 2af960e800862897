import Addresses
import Inventory
import Remote
import Rollout

/// What `fix` found, what it would do, and what stands in its way.
struct FixReport: Sendable {
    var plans: [FixPlan]

    func report(style: Style) -> Report {
        Report(
            command: "fix", members: [("clusters", .array(plans.map(Self.document)))],
            text: plans.map { text($0, style) }.joined(separator: "\n"),
            tsv: Table(
                columns: ["cluster", "node", "action"],
                rows: plans.flatMap { plan in
                    plan.actions.map {
                        [Table.Cell(plan.cluster.name), Table.Cell($0.node.name), Table.Cell($0.sentence)]
                    }
                }))
    }

    private func text(_ plan: FixPlan, _ style: Style) -> String {
        var text = style(.strong, "cluster \(plan.cluster.name)") + "\n"
        if plan.isEmpty, plan.unreachable.isEmpty {
            return text + "  \(style(.good, "nothing to fix")): every address has exactly one owner\n"
        }
        for finding in plan.findings { text += "  \(style(.bad, "wrong:")) \(finding.safeOnOneLine)\n" }
        for cause in plan.causes { text += "  \(style(.warning, "still there:")) \(cause.safeOnOneLine)\n" }
        for (index, action) in plan.actions.enumerated() {
            text += "  \(index + 1). \(style(.strong, action.node.name)): \(action.sentence)"
            text += style(.faint, ", because \(action.reason.safeOnOneLine)") + "\n"
        }
        if plan.actions.isEmpty, !plan.findings.isEmpty {
            text += "  nothing that could be done here would help: see `haops doctor`\n"
        } else if !plan.causes.isEmpty {
            text += style(.warning, "  the fight would begin anew") + ": remove the cause first\n"
        }
        return text
    }

    private static func document(_ plan: FixPlan) -> OutputValue {
        [
            "cluster": .text(plan.cluster.name), "findings": OutputValue(plan.findings),
            "causes": OutputValue(plan.causes),
            "actions": .array(
                plan.actions.map {
                    ["node": .text($0.node.name), "what": .text($0.sentence), "why": .text($0.reason)]
                }),
        ]
    }
}

extension FixPlan.Action {
    /// What is done, without the node's name.
    var sentence: String {
        switch self {
        case .giveWay(_, let addresses, _):
            "stop keepalived, wait until \(Self.list(addresses)) is gone, start it again"
        case .clear(_, let addresses, let starts, _):
            "remove \(Self.list(addresses))" + (starts ? ", start keepalived" : "")
        case .start: "start keepalived"
        case .restart: "restart keepalived"
        case .announce(_, _, let addresses, _): "announce \(Self.list(addresses)) by gratuitous ARP"
        }
    }

    var reason: String {
        switch self {
        case .giveWay(_, _, let reason), .clear(_, _, _, let reason), .start(_, let reason),
            .restart(_, let reason),
            .announce(_, _, _, let reason):
            reason
        }
    }

    private static func list(_ addresses: [FixPlan.Address]) -> String {
        addresses.map { "\($0.cidr) on \($0.interface)" }.joined(separator: ", ")
    }
}
