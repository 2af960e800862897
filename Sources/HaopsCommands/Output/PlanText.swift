import Inventory
import Remote
import Rendering
import Rollout

/// One cluster's plan for people; equal changes of several nodes are folded.
struct PlanText: Sendable {
    /// Show the whole text of files that are new, too.
    var isDetailed: Bool
    /// Show the commands that open a packet filter, too.
    var showsCommands = false
    /// Show no diff, as its secrets are not known.
    var hidesDiffs = false
    /// Count the lines of a file that is written anew from top to bottom, as on nodes that have a package's own.
    var countsRewrites = false
    /// Write every node's name out.
    var namesAll = false

    /// Files that are new on one node, from which on they are listed and not shown one by one.
    private static let manyNewFiles = 3

    /// Something about one cluster that stands beside what is to be done.
    struct Remark: Hashable, Sendable {
        var label: String
        var tone: Style.Tone
        var words: String
        /// It stands behind the changes, and not before them.
        var isNote = false
    }

    func remarks(on plan: ClusterPlan) -> [Remark] {
        plan.unreachable.sorted { $0.key < $1.key }.map {
            Remark(label: "unknown", tone: .bad, words: "\($0): \($1.words)")
        } + plan.problems.map { Remark(label: "existing problem:", tone: .warning, words: $0) }
            + plan.obstacles.map { Remark(label: "in the way:", tone: .bad, words: $0) }
            + plan.notes.map { Remark(label: "note:", tone: .faint, words: $0, isNote: true) }
            + plan.nodes.flatMap { node in
                node.notes.map {
                    Remark(label: "note:", tone: .faint, words: "\(node.node.id): \($0)", isNote: true)
                }
            }
    }

    /// - `of`: the clusters that it holds for, where they are not all that are shown.
    func line(_ remark: Remark, of clusters: [String] = [], _ style: Style) -> String {
        let names = clusters.isEmpty ? "" : NodeRange.listed(clusters) + ": "
        if remark.isNote {
            let words = Wrapped(names + "note: " + remark.words.safeOnOneLine, indent: 4, width: style.width)
            return words.text(after: "  ").split(separator: "\n").map { style(.faint, String($0)) + "\n" }
                .joined()
        }
        return Wrapped(remark.words.safeOnOneLine, indent: 4, width: style.width)
            .text(after: "  \(names)\(style(remark.tone, remark.label)) ")
    }

    /// One cluster by itself.
    func text(_ plan: ClusterPlan, title: String, _ style: Style) -> String {
        let remarks = remarks(on: plan)
        return title + remarks.filter { !$0.isNote }.map { line($0, style) }.joined()
            + body(plan, notes: remarks.filter(\.isNote).map { line($0, style) }.joined(), style)
    }

    /// What is to be done, in which order, and what moves.
    func body(_ plan: ClusterPlan, notes: String, _ style: Style) -> String {
        if plan.isEmpty { return "  \(nothingToDo(plan, style))\n" + notes }
        var text = changes(plan, style) + notes
        if !plan.steps.isEmpty { text += "\n  in this order:\n" }
        for (index, step) in plan.steps.enumerated() {
            let node = step.node.map { " " + style(.strong, $0.name) + ":" } ?? ""
            text += Wrapped(step.what.safeOnOneLine, indent: 5, width: style.width)
                .text(after: "  \(index + 1).\(node) ")
        }
        for move in plan.moves + plan.returns {
            text += "\n  " + PlanReport.sentence(move, style) + "\n"
        }
        return text
    }

    /// That nothing is to be done, and no more than is known.
    private func nothingToDo(_ plan: ClusterPlan, _ style: Style) -> String {
        let silent = names(plan.unreachable.keys.sorted())
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

    private func names(_ hosts: [HostID]) -> String {
        namesAll ? hosts.map(\.name).joined(separator: ",") : NodeRange.folded(hosts)
    }

    /// What changes on which nodes, each thing once, with its diff.
    func changes(_ plan: ClusterPlan, _ style: Style) -> String {
        var text = ""
        // What has lines of its own is set apart.
        var isApart = true
        for group in folded(plan) {
            let hasLines = !group.reasons.isEmpty || !group.diff.isEmpty
            if isApart || hasLines { text += "\n" }
            isApart = hasLines
            text += Wrapped(group.title.safeOnOneLine, indent: 4, width: style.width)
                .text(after: style(.strong, "  " + names(group.nodes)) + "  ")
            for reason in group.reasons {
                for line in Wrapped(reason.safeOnOneLine, indent: 4, width: style.width).lines {
                    text += style(.faint, String(line.dropLast())) + "\n"
                }
            }
            for line in group.diff {
                let tone: Style.Tone? = line.hasPrefix("+") ? .added : line.hasPrefix("-") ? .removed : .faint
                text += "    " + style(tone, line.safeOnOneLine) + "\n"
            }
        }
        return text
    }

    private struct Group {
        var nodes: [HostID]
        var title: String
        var reasons: [String] = []
        var diff: [String] = []
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
        func add(_ title: String, _ node: HostID, diff: [String] = []) {
            add(title, node, Group(nodes: [node], title: title, diff: diff))
        }
        for node in plan.nodes {
            let id = node.node.id
            if !node.packages.isEmpty { add("install \(node.packages.joined(separator: ", "))", id) }
            let new = node.files.filter { $0.kind == .create }
            let isListed = !isDetailed && new.count >= Self.manyNewFiles
            if isListed {
                let title = "\(new.count) new files: " + new.map(\.path).joined(separator: ", ")
                add(title, id)
            }
            for change in node.files where change.kind != .create || !isListed {
                add(change.foldingKey, id, group(change, on: id))
            }
            for change in node.sysctls {
                add("set \(change.key) = \(change.after)" + (change.before.map { ", was \($0)" } ?? ""), id)
            }
            for (description, command) in zip(node.firewall.descriptions, node.firewall.commands) {
                // The part behind the question whether the rule is there already.
                add(
                    description, id,
                    diff: showsCommands ? ["+ " + (command.split(separator: "||").last?.trimmed ?? "")] : [])
            }
            for service in node.enable { add("enable \(service) at boot", id) }
            for (service, action) in [("keepalived", node.keepalived), ("haproxy", node.haproxy)]
            where action != .none {
                add("\(action.rawValue) \(service)", id)
            }
        }
        return groups
    }

    private func group(_ change: FileChange, on node: HostID) -> Group {
        let effect = change.effect == .none ? "" : ", \(change.effect.rawValue)"
        let lines = change.diff.text(old: change.path, new: change.path)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let body = Array(lines.dropFirst(2))
        let added = body.count { $0.hasPrefix("+") }
        let removed = body.count { $0.hasPrefix("-") }
        let kept = body.count { $0.hasPrefix(" ") }
        let isRewrite = change.kind == .update && added + removed > 30 && kept * 4 < added + removed
        let isCounted = change.kind == .create || isRewrite && countsRewrites
        let shows = (!isCounted || isDetailed) && !hidesDiffs
        let size =
            change.kind == .create
            ? ", \(added) lines"
            : shows || !isRewrite ? "" : ", \(added) lines for \(removed) (-v shows them)"
        return Group(
            nodes: [node], title: "\(change.kind.rawValue) \(change.path)\(size)\(effect)",
            reasons: change.reasons,
            diff: shows ? body.filter { !$0.isEmpty } : [])
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
