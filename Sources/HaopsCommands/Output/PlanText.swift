import Inventory
import Remote
import Rendering
import Rollout

/// The text of one cluster's plan; equal changes of several nodes are folded.
struct PlanText: Sendable {
    /// Show the whole text of files that are new, too.
    var isDetailed: Bool
    /// Show the commands that open a packet filter, too.
    var showsCommands = false
    /// Show no diff, because its secrets are unknown and cannot be masked.
    var hidesDiffs = false
    /// Show only the line counts of a file that is rewritten completely, such as a package's default file.
    var countsRewrites = false
    /// Show the whole text of files that are new, too.
    var showsContents = false
    /// Count the changed lines of each file instead of showing them.
    var countsOnly = false
    /// Write all node names out instead of folding them.
    var namesAll = false

    /// From this many new files on a node they are listed and not shown one by one.
    private static let manyNewFiles = 3

    /// A remark on one cluster beside its changes.
    struct Remark: Hashable, Sendable {
        var label: String
        var tone: Style.Tone
        var words: String
        /// What to do about it, on a line of its own.
        var hint: String? = nil
        /// The remark follows the changes instead of preceding them.
        var isNote = false
    }

    func remarks(on plan: ClusterPlan) -> [Remark] {
        silences(of: [plan]) + remarksOnAnswers(plan)
    }

    /// The nodes that did not answer, equal errors once.
    func silences(of plans: [ClusterPlan]) -> [Remark] {
        let errors = plans.flatMap { $0.unreachable.sorted { $0.key < $1.key }.map(\.value) }
        return FoldedErrors.fold(errors, fewest: 2).map {
            Remark(
                label: "unknown", tone: .bad,
                words: "\(NodeRange.listed($0.hosts.map(\.name))): \($0.words)", hint: $0.hint)
        }
    }

    /// The remarks on one cluster besides its ``silences(of:)``.
    func remarksOnAnswers(_ plan: ClusterPlan) -> [Remark] {
        plan.problems.map { Remark(label: "existing problem:", tone: .warning, words: $0) }
            + plan.obstacles.map { Remark(label: "in the way:", tone: .bad, words: $0) }
            + KeptServerLines(plan.keptServers).sentences.map {
                Remark(label: "server:", tone: .warning, words: $0)
            }
            + plan.notes.map { Remark(label: "note:", tone: .faint, words: $0, isNote: true) }
            + plan.nodes.flatMap { node in
                node.notes.map {
                    Remark(label: "note:", tone: .faint, words: "\(node.node.id): \($0)", isNote: true)
                }
            }
    }

    /// - `of`: the clusters that the remark applies to; empty when it applies to all.
    func line(_ remark: Remark, of clusters: [String] = [], _ style: Style) -> String {
        let names = clusters.isEmpty ? "" : NodeRange.listed(clusters) + ": "
        if remark.isNote {
            let words = Wrapped(names + "note: " + remark.words.safeOnOneLine, indent: 4, width: style.width)
            return words.text(after: "  ").split(separator: "\n").map { style(.faint, String($0)) + "\n" }
                .joined()
        }
        return Wrapped(remark.words.safeOnOneLine, indent: 4, width: style.width)
            .text(after: "  \(names)\(style(remark.tone, remark.label)) ")
            + (remark.hint.map { "  \(style(.strong, "hint:")) \($0.safeOnOneLine)\n" } ?? "")
    }

    /// The plan of one cluster.
    func text(_ plan: ClusterPlan, title: String, _ style: Style) -> String {
        let remarks = remarks(on: plan)
        return title + remarks.filter { !$0.isNote }.map { line($0, style) }.joined()
            + body(plan, notes: remarks.filter(\.isNote).map { line($0, style) }.joined(), style)
    }

    /// The changes, their order, and the moves of addresses.
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

    /// Says that there is nothing to do, as far as the nodes' answers show.
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

    /// The changes, each once with its nodes and its diff.
    func changes(_ plan: ClusterPlan, _ style: Style) -> String {
        var text = ""
        // Changes with a diff are separated by an empty line.
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

    /// The changes, each once with its nodes.
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
            let isListed = !isDetailed && !showsContents && !countsOnly && new.count >= Self.manyNewFiles
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
                // The command without its leading check whether the rule exists.
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
        if countsOnly {
            return Group(
                nodes: [node], title: "\(change.kind.rawValue) \(change.path), +\(added) -\(removed)\(effect)"
            )
        }
        let isRewrite = change.kind == .update && added + removed > 30 && kept * 4 < added + removed
        let isCounted = change.kind == .create || isRewrite && countsRewrites
        let shows = (!isCounted || isDetailed || change.kind == .create && showsContents) && !hidesDiffs
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
