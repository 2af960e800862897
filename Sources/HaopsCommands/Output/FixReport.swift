import Addresses
import Checks
import Inventory
import Remote
import Rollout

/// What `fix` found, what it does about each finding, and what the operator must do by hand.
struct FixReport: Sendable {
    var plans: [FixPlan]
    /// Show the whole text of files that are new, too.
    var isDetailed = false

    func report(style: Style) -> Report {
        Report(
            command: "fix", FixDocument(clusters: plans.map(FixDocument.ClusterEntry.init)),
            text: text(style))
    }

    // MARK: For people

    private func text(_ style: Style) -> String {
        // Of clusters without an answer there is nothing else to say, and they would hide the others.
        let silent = plans.count > 1 && !isDetailed ? plans.filter(\.isUnanswered) : []
        let shown = silent.isEmpty ? plans : plans.filter { !$0.isUnanswered }
        var texts = shown.map { text($0, style) }
        if !silent.isEmpty {
            let names = NodeRange.listed(silent.map(\.cluster.name))
            texts.append(
                Wrapped(
                    "(\(names)): unknown, no node answered (-v shows them)", indent: 2, width: style.width
                )
                .text(after: style(.strong, silent.count.of("cluster")) + " "))
        }
        return texts.joined(separator: "\n")
    }

    private func text(_ plan: FixPlan, _ style: Style) -> String {
        var text = style(.strong, "cluster \(plan.cluster.name)") + "\n"
        if plan.isEmpty, plan.unreachable.isEmpty {
            text +=
                "  \(style(.good, "nothing to fix")): every address has exactly one owner, and doctor finds no error\n"
        }
        for finding in plan.findings {
            text += Wrapped(finding.safeOnOneLine, indent: 11, width: style.width).text(
                after: "  " + style(.bad, "problem:") + " ")
        }
        let isRefused = !plan.objections(insists: false).isEmpty
        for (index, remediation) in plan.remediations.enumerated() {
            if index > 0 || !plan.findings.isEmpty { text += "\n" }
            text += self.text(remediation, isRefused: isRefused, style)
        }
        for cause in plan.causes {
            text += Wrapped(cause.safeOnOneLine, indent: 15, width: style.width)
                .text(after: "  " + style(.warning, "still there:") + " ")
        }
        guard plan.hasWork else { return text + "\n" }
        if !isRefused {
            text += work(plan, style)
        } else {
            text +=
                "\n  " + style(.warning, "not fixed: the split-brain would return")
                + ": remove its cause first, then haops fix\n\n"
        }
        return text
    }

    private func text(_ remediation: Remediation, isRefused: Bool, _ style: Style) -> String {
        let finding = remediation.finding
        var text = "  \(style(finding.severity.tone, "\(finding.severity.rawValue) \(finding.id)"))\n"
        text += Wrapped(finding.message.safeOnOneLine, indent: 4, width: style.width).lines.joined()
        for line in finding.evidence {
            text += Wrapped(line.description.safeOnOneLine, indent: 6, width: style.width).lines.map {
                style(.faint, $0)
            }
            .joined()
        }
        text += Wrapped(finding.effect.safeOnOneLine, indent: 12, width: style.width)
            .text(after: "    effect: ")
        if remediation.means != .hand {
            let words = isRefused ? "haops does it, once it may" : "haops does it, see below"
            text += "    fix:    \(style(.good, words))\n"
        }
        if let why = remediation.why {
            text += Wrapped(why.safeOnOneLine, indent: 15, width: style.width).text(after: "    not fixed: ")
        }
        // On one line: an operator would paste a wrapped command with its line break.
        if let edit = remediation.edit {
            text += "    " + style(.warning, "do by hand:") + " \(edit.safeOnOneLine)\n"
        }
        return text
    }

    private func work(_ plan: FixPlan, _ style: Style) -> String {
        var text = ""
        if let change = plan.change {
            text += PlanReport(plans: [], isDetailed: isDetailed, showsCommands: true).changes(change, style)
            for obstacle in change.obstacles {
                text += "  \(style(.bad, "in the way:")) \(obstacle.safeOnOneLine)\n"
            }
        }
        text += "\n  in this order:\n"
        for (index, step) in plan.steps.enumerated() {
            let node = step.node.map { style(.strong, $0.name) + ": " } ?? ""
            let indent = 5 + (step.node.map { $0.name.count + 2 } ?? 0)
            text += Wrapped(step.what.safeOnOneLine, indent: indent, width: style.width).text(
                after: "  \(index + 1). " + node)
        }
        for move in plan.moves { text += "\n  " + PlanReport.sentence(move, style) + "\n" }
        for note in plan.remediations.compactMap(\.note) {
            text += Wrapped(note.safeOnOneLine, indent: 8, width: style.width).text(
                after: "  " + style(.warning, "note:") + " ")
        }
        return text
    }
}

extension FixPlan {
    /// Everything that is done, in order. What every run begins with, locks and staging, is left out.
    var steps: [PlanStep] {
        let changes = (change?.steps ?? []).filter { $0.node != nil }
        return changes
            + actions.map { action in
                let ifNeeded = change != nil && !action.isAnnouncement ? "unless that has ended it: " : ""
                return PlanStep(node: action.node, "\(ifNeeded)\(action.sentence), because \(action.reason)")
            }
    }
}

extension FixPlan.Action {
    /// What the step does, without the node's name.
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

extension FixPlan {
    /// Whether no node of the cluster answered.
    fileprivate var isUnanswered: Bool {
        !cluster.nodes.isEmpty && cluster.nodes.allSatisfy { unreachable[$0.id] != nil }
    }
}
