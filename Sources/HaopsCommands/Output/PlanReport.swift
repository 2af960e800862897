import Inventory
import Remote
import Rendering
import Rollout

/// A plan in every form of output; equal changes of several nodes are folded.
struct PlanReport: Sendable {
    var plans: [ClusterPlan]
    /// Show the whole text of files that are new, too.
    var isDetailed: Bool
    /// Show the commands that open a packet filter, too.
    var showsCommands = false
    /// Show no diff, as its secrets are not known.
    var hidesDiffs = false

    func report(command: String, style: Style) -> Report {
        Report(
            command: command,
            members: [
                (
                    "nodes",
                    .array(plans.flatMap { $0.nodes.map { Self.document($0, hidesDiffs: hidesDiffs) } })
                ),
                ("steps", .array(plans.flatMap { $0.steps.map(Self.document) })),
                ("moves", .array(plans.flatMap { ($0.moves + $0.returns).map(Self.document) })),
                ("unreachable", OutputValue(plans.flatMap { $0.unreachable.keys.sorted().map(\.name) })),
            ],
            text: plans.map { text($0, style) }.joined(separator: "\n"), tsv: table)
    }

    // MARK: For people

    private func text(_ plan: ClusterPlan, _ style: Style) -> String {
        var text = style(.strong, "cluster \(plan.cluster.name)") + ": \(plan.purpose)\n"
        for (host, error) in plan.unreachable.sorted(by: { $0.key < $1.key }) {
            text += "  \(style(.bad, "unknown")) \(host): \(error.description.safeOnOneLine)\n"
        }
        for problem in plan.problems {
            text += "  \(style(.warning, "already wrong:")) \(problem.safeOnOneLine)\n"
        }
        for obstacle in plan.obstacles {
            text += "  \(style(.bad, "in the way:")) \(obstacle.safeOnOneLine)\n"
        }
        if plan.isEmpty {
            return text + "  \(nothingToDo(plan, style))\n" + notes(plan, style)
        }
        text += changes(plan, style)
        text += notes(plan, style)
        if !plan.steps.isEmpty {
            text += "\n  in this order:\n"
            for (index, step) in plan.steps.enumerated() {
                text +=
                    "  \(index + 1). " + (step.node.map { style(.strong, $0.name) + ": " } ?? "")
                    + step.what.safeOnOneLine + "\n"
            }
        }
        for move in plan.moves + plan.returns { text += "\n  " + Self.sentence(move, style) + "\n" }
        return text
    }

    /// That nothing is to be done, and no more than is known.
    private func nothingToDo(_ plan: ClusterPlan, _ style: Style) -> String {
        let silent = NodeRange.folded(plan.unreachable.keys.sorted())
        if plan.unreachable.count >= plan.cluster.nodes.count {
            return style(.warning, "unknown") + " whether there is anything to do: no node can be asked"
        }
        if !silent.isEmpty {
            return style(.warning, "nothing to do on the nodes that answered")
                + "; what \(silent) lacks is unknown"
        }
        let isWell = plan.problems.isEmpty && plan.obstacles.isEmpty
        return style(.good, "nothing to do") + (isWell ? ": every node is as it should be" : "")
    }

    /// What changes on which nodes, each thing once, with its diff.
    func changes(_ plan: ClusterPlan, _ style: Style) -> String {
        var text = ""
        for group in folded(plan) {
            text +=
                "\n" + style(.strong, "  " + NodeRange.folded(group.nodes)) + "  " + group.title.safeOnOneLine
                + "\n"
            for reason in group.reasons { text += style(.faint, "    " + reason.safeOnOneLine) + "\n" }
            for line in group.diff {
                let tone: Style.Tone? = line.hasPrefix("+") ? .added : line.hasPrefix("-") ? .removed : .faint
                text += "    " + style(tone, line.safeOnOneLine) + "\n"
            }
        }
        return text
    }

    private func notes(_ plan: ClusterPlan, _ style: Style) -> String {
        let notes = plan.notes + plan.nodes.flatMap { node in node.notes.map { "\(node.node.id): \($0)" } }
        return notes.map { style(.faint, "  note: \($0.safeOnOneLine)") + "\n" }.joined()
    }

    static func sentence(_ move: PredictedMove, _ style: Style) -> String {
        let outage =
            move.outageMilliseconds.map { milliseconds in
                milliseconds == 0
                    ? style(.good, "no outage expected")
                    : style(.warning, "about \(Duration.milliseconds(milliseconds).brief) of silence")
            } ?? style(.warning, "for as long as the work takes")
        let instance = move.instance.safeOnOneLine
        switch move.means {
        case .handover:
            return "\(instance) is handed over from \(move.from) to \(move.to?.name ?? "?"): \(outage)"
        case .stop:
            return "\(instance) falls over from \(move.from) to \(move.to?.name ?? "?"): \(outage)"
        case .election where move.from == move.to:
            return "\(instance) comes up on \(move.from)" + delay(move)
        case .election:
            return "\(instance) leaves \(move.from), and all nodes elect its owner anew: \(outage)"
        case .end:
            return "\(instance) ends with \(move.from): " + style(.warning, "it goes dark for good")
        case .nobody: return "\(instance) has nobody but \(move.from): it goes dark, \(outage)"
        case .preempt: return preemption(move, instance) + outage
        }
    }

    private static func preemption(_ move: PredictedMove, _ instance: String) -> String {
        let to = move.to?.name ?? "?"
        guard move.delay != nil else {
            return "\(instance) stays on \(to), whose priority is higher than \(move.from)'s then: "
        }
        return "\(instance) goes from \(move.from) to \(to)\(self.delay(move)) (preempts): "
    }

    /// " about 3.4 s after its start".
    private static func delay(_ move: PredictedMove) -> String {
        guard let delay = move.delay else { return "" }
        let event = delay.after == .start ? "its start" : "it is changed"
        return " about \(Duration.milliseconds(delay.milliseconds).brief) after \(event)"
    }

    private struct Group {
        var nodes: [HostID]
        var title: String
        var reasons: [String]
        var diff: [String]
    }

    /// What is to be done, each thing once, with the nodes that it is done on.
    private func folded(_ plan: ClusterPlan) -> [Group] {
        var groups: [Group] = []
        var index: [String: Int] = [:]
        func add(_ key: String, _ node: HostID, _ group: @autoclosure () -> Group) {
            if let known = index[key] {
                groups[known].nodes.append(node)
            } else {
                index[key] = groups.count
                groups.append(group())
            }
        }
        for node in plan.nodes {
            let id = node.node.id
            if !node.packages.isEmpty {
                let title = "install \(node.packages.joined(separator: ", "))"
                add(title, id, Group(nodes: [id], title: title, reasons: [], diff: []))
            }
            for change in node.files {
                add(change.foldingKey, id, group(change, on: id))
            }
            for change in node.sysctls {
                let title =
                    "set \(change.key) = \(change.after)" + (change.before.map { ", was \($0)" } ?? "")
                add(title, id, Group(nodes: [id], title: title, reasons: [], diff: []))
            }
            for (description, command) in zip(node.firewall.descriptions, node.firewall.commands) {
                // The part behind the question whether the rule is there already.
                let lines = showsCommands ? ["+ " + (command.split(separator: "||").last?.trimmed ?? "")] : []
                add(description, id, Group(nodes: [id], title: description, reasons: [], diff: lines))
            }
            for service in node.enable {
                let title = "enable \(service) at boot"
                add(title, id, Group(nodes: [id], title: title, reasons: [], diff: []))
            }
            for (service, action) in [("keepalived", node.keepalived), ("haproxy", node.haproxy)]
            where action != .none {
                let title = "\(action.rawValue) \(service)"
                add(title, id, Group(nodes: [id], title: title, reasons: [], diff: []))
            }
        }
        return groups
    }

    private func group(_ change: FileChange, on node: HostID) -> Group {
        let effect = change.effect == .none ? "" : ", \(change.effect.rawValue)"
        let lines = change.diff.text(old: change.path, new: change.path)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let body = Array(lines.dropFirst(2))
        let shows = (change.kind != .create || isDetailed) && !hidesDiffs
        let size = change.kind == .create ? ", \(body.count { $0.hasPrefix("+") }) lines" : ""
        return Group(
            nodes: [node], title: "\(change.kind.rawValue) \(change.path)\(size)\(effect)",
            reasons: change.reasons,
            diff: shows ? body.filter { !$0.isEmpty } : [])
    }

    // MARK: For machines

    private var table: Table {
        Table(
            columns: ["node", "kind", "path", "effect"],
            rows: plans.flatMap { plan in
                plan.nodes.flatMap { node in
                    node.files.map {
                        [
                            Table.Cell(node.node.id.name), Table.Cell($0.kind.rawValue), Table.Cell($0.path),
                            Table.Cell($0.effect.rawValue),
                        ]
                    }
                }
            })
    }

    static func document(_ node: NodePlan) -> OutputValue { document(node, hidesDiffs: false) }

    private static func document(_ node: NodePlan, hidesDiffs: Bool) -> OutputValue {
        [
            "node": .text(node.node.id.name),
            "changes": .array(
                node.files.map { change in
                    [
                        "path": .text(change.path), "kind": .text(change.kind.rawValue),
                        "effect": .text(change.effect.rawValue), "reasons": OutputValue(change.reasons),
                        "diff": hidesDiffs
                            ? nil : .text(change.diff.text(old: change.path, new: change.path)),
                    ]
                }),
            "packages": OutputValue(node.packages),
            "sysctl": .array(
                node.sysctls.map {
                    ["key": .text($0.key), "before": OutputValue($0.before), "after": .text($0.after)]
                }),
            "firewall": OutputValue(node.firewall.descriptions),
            "keepalived": .text(node.keepalived.rawValue),
            "haproxy": .text(node.haproxy.rawValue), "enable": OutputValue(node.enable),
            "obstacles": OutputValue(node.obstacles), "notes": OutputValue(node.notes),
        ]
    }

    private static func document(_ step: PlanStep) -> OutputValue {
        ["node": OutputValue(step.node?.name), "what": .text(step.what)]
    }

    static func document(_ move: PredictedMove) -> OutputValue {
        [
            "instance": .text(move.instance), "from": .text(move.from.name), "to": OutputValue(move.to?.name),
            "means": .text(move.means.rawValue), "outage_ms": OutputValue(move.outageMilliseconds),
            "delay_ms": OutputValue(move.delay?.milliseconds),
            "delay_after": OutputValue(move.delay?.after.rawValue),
        ]
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
