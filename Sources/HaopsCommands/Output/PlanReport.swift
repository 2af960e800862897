import Inventory
import Remote
import Rendering
import Rollout

/// The plans of a run in every form of output.
///
/// In the text, plans that differ only in their clusters' own names and addresses are shown once, by the example
/// of the first, with a note on what differs. A summary of the whole run ends the text.
struct PlanReport: Sendable {
    var plans: [ClusterPlan]
    /// Show every cluster by itself, and the whole text of files that are new, too.
    var isDetailed: Bool
    /// Show the commands that open a packet filter, too.
    var showsCommands = false
    /// Show no diff, because its secrets are unknown and cannot be masked.
    var hidesDiffs = false
    /// Show the whole text of files that are new, too.
    var showsContents = false
    /// Count the changed lines of each file instead of showing them.
    var countsOnly = false
    /// The order in which the run changes clusters.
    var waves = Waves()

    func report(command: String, style: Style) -> Report {
        let summary = PlanSummary(plans, waves: waves)
        return Report(
            command: command, PlanDocument(plans, summary: summary, hidesDiffs: hidesDiffs),
            text: text(style) + summary.text(style))
    }

    // MARK: For people

    private var planText: PlanText {
        PlanText(
            isDetailed: isDetailed, showsCommands: showsCommands, hidesDiffs: hidesDiffs,
            countsRewrites: plans.count > 1, showsContents: showsContents, countsOnly: countsOnly)
    }

    private func text(_ style: Style) -> String {
        if isDetailed {
            return plans.map { planText.text($0, title: title($0, style), style) }.joined(separator: "\n")
        }
        // Plans are compared in full detail, also in what is not shown.
        let whole = PlanText(isDetailed: true, showsCommands: true, namesAll: true)
        let plain = Style(isColored: false)
        let alike = AlikeClusters(plans) {
            ($0.cluster, title($0, plain) + whole.body($0, notes: "", plain) + Self.unshown($0))
        }
        return alike.groups.map { group in
            let example = group.members[0]
            guard group.members.count > 1 else {
                return planText.text(example, title: title(example, style), style)
            }
            let remarks = remarks(on: group.members, style)
            return title(group, style) + remarks.others + planText.body(example, notes: remarks.notes, style)
        }.joined(separator: "\n")
    }

    /// The remarks on clusters with similar plans, each once with the clusters that it applies to.
    private func remarks(on plans: [ClusterPlan], _ style: Style) -> (others: String, notes: String) {
        let all = plans.flatMap { plan in planText.remarksOnAnswers(plan).map { (plan.cluster, $0) } }
        var texts = (
            others: planText.silences(of: plans).map { planText.line($0, style) }.joined(), notes: ""
        )
        for group in AlikeClusters(all, { ($0.0, "\($0.1.label) \($0.1.words)") }).groups {
            let names = group.members.map(\.0.name)
            var remark = group.members[0].1
            if group.members.count > 1, group.differing.contains(where: { $0 != .cluster }) {
                remark.words += " (as in \(names[0]); alike in the others)"
            }
            let isOfAll = Set(names).count == plans.count
            let line = planText.line(remark, of: isOfAll ? [] : names, style)
            if remark.isNote { texts.notes += line } else { texts.others += line }
        }
        return texts
    }

    /// Steps that have no line in the text. They are compared as well, so that plans that differ in them are not
    /// folded.
    private static func unshown(_ plan: ClusterPlan) -> String {
        plan.nodes.filter { !$0.isEmpty || $0.unfinished != nil }.map { node in
            "\(node.node.id) \(node.disable) \(node.unfinished != nil) \(node.firewall.commands) "
                + node.files.map { "\($0.path) \($0.mode) \($0.owner)" }.joined(separator: ",")
        }.joined(separator: "\n")
    }

    private func title(_ plan: ClusterPlan, _ style: Style) -> String {
        style(.strong, "cluster \(plan.cluster.name)") + ": \(plan.purpose)\n"
    }

    /// The heading of a group: its clusters, the one that is shown, and what differs in the others.
    private func title(_ group: AlikeClusters<ClusterPlan>.Group, _ style: Style) -> String {
        let example = group.members[0].cluster
        let clusters = group.members.map(\.cluster)
        var text = Wrapped(
            "(\(NodeRange.listed(clusters.map(\.name)))): \(group.members[0].purpose)", indent: 2,
            width: style.width
        ).text(after: style(.strong, "\(clusters.count) clusters") + " ")
        guard !group.members.allSatisfy(\.isEmpty) || group.differing.contains(where: { $0 != .cluster })
        else {
            return text
        }
        let nodes = NodeRange.listed(clusters.flatMap { $0.nodes.map(\.id.name) })
        text += Wrapped("nodes \(nodes)", indent: 4, width: style.width).text(after: "  ")
        // Different cluster and node names need no mention.
        let differing = group.differing.filter { $0 != .cluster && $0 != .nodeName }.map(\.plural)
        let own = differing.isEmpty ? "" : ", " + differing.joined(separator: ", ")
        text += Wrapped(
            "shown is \(example.name); the others have the same, each with its own names\(own) (-v shows all)",
            indent: 4, width: style.width
        ).text(after: "  ")
        return text
    }

    /// The changes, each once with its nodes and its diff.
    func changes(_ plan: ClusterPlan, _ style: Style) -> String { planText.changes(plan, style) }

    static func sentence(_ move: PredictedMove, _ style: Style) -> String {
        let outage =
            move.outageMilliseconds.map { milliseconds in
                milliseconds == 0
                    ? style(.good, "no outage expected")
                    : style(.warning, "about \(Duration.milliseconds(milliseconds).brief) without service")
            } ?? style(.warning, "for as long as the work takes")
        let instance = move.instance.safeOnOneLine
        switch move.means {
        case .handover:
            return "\(instance) is handed over from \(move.from) to \(move.to?.name ?? "?"): \(outage)"
        case .stop:
            return "\(instance) fails over from \(move.from) to \(move.to?.name ?? "?"): \(outage)"
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
}
