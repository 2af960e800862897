import Checks
import Inventory
import Remote
import Rollout

/// How a run ended, in every output format. Clusters with the same outcome are reported together.
struct RunReport: Sendable {
    var command: String
    var reports: [(cluster: String, report: RolloutReport)]
    /// The clusters; outcomes that differ only in their names and addresses are folded.
    var clusters: [Cluster] = []
    /// Why clusters were not begun.
    var stop: ClusterSchedule.Stop?
    /// Report every cluster separately.
    var isDetailed = false

    func report(style: Style) -> Report {
        Report(command: command, RunDocument(reports, stop: stop), text: text(style) + sum(style))
    }

    // MARK: For people

    private func text(_ style: Style) -> String {
        guard !isDetailed else { return reports.map { text(alone: $0.cluster, $0.report, style) }.joined() }
        let known = Dictionary(clusters.map { ($0.name, $0) }) { first, _ in first }
        let plain = Style(isColored: false)
        let alike = AlikeClusters(reports) { name, report in
            let title = "cluster \(name): \(report.outcome.word)\n"
            return (
                known[name] ?? Cluster(name: name, nodes: []),
                title + reasons(report, plain) + fates(report.fates, plain) + rest(report, plain)
            )
        }
        return alike.groups.map { group in
            let example = group.members[0]
            guard group.members.count > 1 else { return text(alone: example.cluster, example.report, style) }
            let outcome = example.report.outcome
            let silences = group.members.map(\.report).flatMap(\.outcome.silences)
            let words =
                silences.isEmpty
                ? reasons(example.report, style) + rest(example.report, style)
                : lines(Self.folded(silences), style)
            // Reasons and notes mention machines, so in a group they are an example. Fates list every node, and so do
            // the errors of nodes that did not answer.
            let isExample =
                silences.isEmpty && !words.isEmpty && group.differing.contains { $0 != .cluster }
            return Wrapped(
                "(\(NodeRange.listed(group.members.map(\.cluster)))):", indent: 2, width: style.width
            )
            .text(after: style(.strong, "\(group.members.count) clusters") + " ").dropLast()
                + " " + style(outcome.tone, outcome.word) + "\n"
                + foldedFates(group.members.map(\.report), style)
                + (isExample ? "  of \(example.cluster), and similarly for the others:\n" : "") + words
        }.joined()
    }

    private func text(alone cluster: String, _ report: RolloutReport, _ style: Style) -> String {
        "cluster \(cluster): " + style(report.outcome.tone, report.outcome.word) + "\n"
            + (report.outcome.silences.isEmpty
                ? reasons(report, style) : lines(Self.folded(report.outcome.silences), style))
            + fates(report.fates, besides: report.outcome.reasons, style) + silences(report, style)
            + rest(report, style)
    }

    /// How long each address was silent, beside what was predicted.
    private func silences(_ report: RolloutReport, _ style: Style) -> String {
        report.silences.map { silence in
            let predicted =
                switch (silence.wasForetold, silence.predicted) {
                case (false, _), (_, 0?): "predicted: none"
                case (_, let milliseconds?): "predicted: about \(Duration.milliseconds(milliseconds).brief)"
                case (_, nil): "predicted: as long as the work takes"
                }
            let measured =
                silence.milliseconds.map {
                    $0 == 0 ? "no silence" : "silent for \(Duration.milliseconds($0).brief)"
                }
                ?? "not answered at all"
            // Where the work itself decides, no measure is too long.
            let isLonger =
                silence.milliseconds.map { measured in
                    silence.predicted.map { measured > $0 + 100 } ?? false
                } ?? true
            let words = Wrapped(
                "measured from \(silence.observer) (\(predicted))", indent: 4, width: style.width)
            return words.text(
                after: "  \(silence.vip): \(style(isLonger ? .warning : .good, measured)), ")
        }.joined()
    }

    private func reasons(_ report: RolloutReport, _ style: Style) -> String {
        lines(report.outcome.reasons, style)
    }

    /// The errors of nodes that did not answer, equal ones once.
    private static func folded(_ silences: [RemoteError]) -> [String] {
        FoldedErrors.fold(silences).map { errors in
            errors.description(NodeRange.folded(errors.hosts)) + (errors.hint.map { "\n\($0)" } ?? "")
        }
    }

    private func lines(_ reasons: [String], _ style: Style) -> String {
        var text = ""
        for reason in reasons.uniqued() {
            // The hint is on lines of its own.
            let lines = reason.split(separator: "\n").map { String($0).safeOnOneLine }
            text += Wrapped(lines.first ?? "", indent: 4, width: style.width).text(after: "  ")
            for line in lines.dropFirst() {
                text += Wrapped(line, indent: 4, width: style.width).text(after: "    ")
            }
        }
        return text
    }

    /// - `reasons`: what was said before, and is not said again.
    private func fates(
        _ fates: [HostID: NodeFate], besides reasons: [String] = [], _ style: Style
    ) -> String {
        fates.sorted { $0.key < $1.key }.map { host, fate in
            "  \(style(.strong, host.name)): \(fate.words(of: command, besides: reasons).safeOnOneLine)\n"
        }.joined()
    }

    /// Each fate once, with all nodes that share it.
    private func foldedFates(_ reports: [RolloutReport], _ style: Style) -> String {
        var groups: [(words: String, hosts: [HostID])] = []
        for (host, fate) in reports.flatMap({ $0.fates.sorted { $0.key < $1.key } }) {
            let words = fate.words(of: command)
            if let known = groups.firstIndex(where: { $0.words == words }) {
                groups[known].hosts.append(host)
            } else {
                groups.append((words, [host]))
            }
        }
        return groups.map { words, hosts in
            Wrapped(
                "\(NodeRange.listed(hosts.map(\.name))): \(words.safeOnOneLine)", indent: 4,
                width: style.width
            ).text(after: "  ")
        }.joined()
    }

    private func rest(_ report: RolloutReport, _ style: Style) -> String {
        wait(report, style)
            + report.left.map { "  " + style(.warning, "do by hand:") + " \($0.safeOnOneLine)\n" }.joined()
            + report.notes.filter { !report.outcome.reasons.contains($0) }.uniqued().map {
                style(.faint, "  note: \($0.safeOnOneLine)") + "\n"
            }.joined()
    }

    /// What becomes of a change that a person has to confirm.
    private func wait(_ report: RolloutReport, _ style: Style) -> String {
        guard let patience = report.confirmWithin else { return "" }
        return Wrapped(
            "haops confirm keeps the change, haops confirm --revert takes it back at once", indent: 4,
            width: style.width
        ).text(after: "  " + style(.warning, "goes back by itself in \(patience.roughly):") + " ")
    }

    /// For several clusters: the names of those that were done, those that were not, and what to do next.
    private func sum(_ style: Style) -> String {
        guard reports.count > 1, reports.contains(where: { !$0.report.isDone }) else { return "" }
        func line(_ tone: Style.Tone, _ word: String, _ names: [String], _ why: String = "") -> String {
            guard !names.isEmpty else { return "" }
            return Wrapped("\(NodeRange.listed(names)) (\(names.count))\(why)", indent: 2, width: style.width)
                .text(after: style(tone, word + ":") + " ")
        }
        let summary = RunDocument(reports, stop: stop).summary
        var text = "\n" + line(.good, "done", summary.done)
        text += line(.good, "nothing to do", summary.nothingToDo)
        text += line(.bad, "not done", summary.notDone)
        text += line(.warning, "not begun", summary.notBegun, why)
        let again = "the same command again takes up what is not done"
        return text + Wrapped(again, indent: 2, width: style.width).text(after: "")
    }

    private var why: String {
        switch stop {
        case .failures: ", because of what failed; --max-failures allows more"
        case .canary: ", because the canary failed"
        case .interrupt: ", because the run was interrupted"
        case nil: ""
        }
    }

    /// The gravest of the clusters' ends. That nothing was changed is said only when it holds for all of them.
    var exit: HaopsExit {
        let order: [HaopsExit] = [.outcomeUnknown, .failed, .interrupted, .refused, .unreachable]
        var exits = reports.map(\.report.outcome.exit)
        if stop == .interrupt { exits.append(.interrupted) }
        let isLeft = reports.contains { !$0.report.left.isEmpty }
        let gravest = order.first(where: exits.contains) ?? (isLeft ? .badState : .done)
        let isChanged = reports.contains { $0.report.fates.values.contains(.changed) }
        return isChanged && (gravest == .refused || gravest == .unreachable) ? .failed : gravest
    }
}

extension RolloutReport {
    var isDone: Bool { outcome == .done || outcome == .nothingToDo }
}

extension RolloutOutcome {
    /// The errors of the nodes for which nothing was begun.
    fileprivate var silences: [RemoteError] {
        if case .unreachable(let errors) = self { errors } else { [] }
    }

    /// The exit code of a run over this cluster alone. A cluster that was not begun has another one's code.
    var exit: HaopsExit {
        switch self {
        case .nothingToDo, .done, .notBegun: .done
        case .refused: .refused
        case .failed: .failed
        case .unreachable: .unreachable
        case .unknown: .outcomeUnknown
        case .interrupted: .interrupted
        }
    }

    var word: String {
        switch self {
        case .nothingToDo: "nothing to do"
        case .done: "done"
        case .refused: "refused, nothing was changed"
        case .failed: "failed"
        case .unreachable: "a node did not answer, nothing was changed"
        case .unknown: "the outcome is unknown"
        case .interrupted: "interrupted"
        case .notBegun: "not begun"
        }
    }

    var tone: Style.Tone {
        switch self {
        case .nothingToDo, .done: .good
        case .refused, .interrupted, .unreachable, .notBegun: .warning
        case .failed, .unknown: .bad
        }
    }
}

extension NodeFate {
    /// The words that programs read, which do not change.
    var inDocuments: String { self == .changed ? "changed and verified" : words(of: "") }

    /// The same, without a reason that was given already.
    func words(of verb: String, besides reasons: [String]) -> String {
        switch self {
        case .unknown(let why) where reasons.contains(why): "unknown, for the same reason"
        case .broken(let why) where reasons.contains(why): "could not be put back, for the same reason"
        case .unverified(let why) where reasons.contains(why):
            "changed, but not verified, for the same reason"
        case .unproven(let why) where reasons.contains(why): "restored, but not verified, for the same reason"
        default: words(of: verb)
        }
    }

    /// What became of the node in a run of this verb: "restarted, verified".
    func words(of verb: String) -> String {
        switch self {
        case .alreadyRight: "nothing was to be done"
        case .untouched: "not touched"
        case .changed:
            switch verb {
            case "restart": "restarted, verified"
            case "confirm": "confirmed"
            case "drain": "drained, verified"
            case "enable": "enabled, verified"
            case "weight": "weight set, verified"
            default: "changed, verified"
            }
        case .restored: "put back as it was"
        case .unverified(let why): "changed, but not verified: \(why)"
        case .unproven(let why): "restored, but not verified: \(why)"
        case .broken(let why): "could not be put back: \(why)"
        case .unknown(let why): "unknown: \(why)"
        }
    }
}
