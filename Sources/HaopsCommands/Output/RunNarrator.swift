import Remote
import Rollout

/// Tells a run while it happens: one plain line per step on standard error, whatever it is connected to.
struct RunNarrator: RolloutObserver {
    var console: Console

    func observe(_ event: RolloutEvent) async {
        let where_ = event.node.map { console.err(.strong, $0.name) + ": " } ?? ""
        switch event.phase {
        case .begins: console.note(where_ + event.stage.words)
        case .waits(let what): console.note(where_ + console.err(.faint, "waiting for " + what.safeOnOneLine))
        case .ends: console.detail("\(event.node?.name ?? "cluster"): \(event.stage.words) done")
        case .fails(let why):
            console.note(where_ + console.err(.bad, event.stage.words + " failed: ") + why.safeOnOneLine)
        }
    }
}

extension RolloutEvent.Stage {
    var words: String {
        switch self {
        case .lock: "lock the cluster"
        case .install: "install packages"
        case .stage: "stage the new files"
        case .validate: "validate them"
        case .handOver: "hand over its addresses"
        case .change: "replace and activate"
        case .verify: "verify: one owner, haproxy listening, checks passing"
        case .extend: "keep the automatic rollback scheduled"
        case .confirm: "confirm, and cancel the automatic rollback"
        case .giveBack: "give the addresses back"
        case .restore: "put the old files back"
        case .standDown: "stop its keepalived, which claims what another node owns"
        case .clean: "clean up"
        }
    }
}

/// How a run ended, for every form of output.
struct RunReport: Sendable {
    var command: String
    var reports: [(cluster: String, report: RolloutReport)]

    func report(style: Style) -> Report {
        Report(
            command: command,
            members: [
                (
                    "clusters",
                    .array(
                        reports.map { cluster, report in
                            [
                                "cluster": .text(cluster), "outcome": .text(report.outcome.word),
                                "reasons": OutputValue(report.outcome.reasons),
                                "notes": OutputValue(report.notes), "left": OutputValue(report.left),
                                "nodes": .array(
                                    report.fates.sorted { $0.key < $1.key }.map {
                                        ["node": .text($0.key.name), "fate": .text($0.value.words)]
                                    }),
                            ]
                        })
                )
            ],
            text: reports.map { text($0.cluster, $0.report, style) }.joined(),
            tsv: Table(
                columns: ["cluster", "node", "fate"],
                rows: reports.flatMap { cluster, report in
                    report.fates.sorted { $0.key < $1.key }.map {
                        [Table.Cell(cluster), Table.Cell($0.key.name), Table.Cell($0.value.words)]
                    }
                }))
    }

    private func text(_ cluster: String, _ report: RolloutReport, _ style: Style) -> String {
        var text = "cluster \(cluster): " + style(report.outcome.tone, report.outcome.word) + "\n"
        for reason in report.outcome.reasons {
            // What to do about it stands on lines of its own.
            let lines = reason.split(separator: "\n").map { String($0).safeOnOneLine }
            text += Wrapped(lines.first ?? "", indent: 4, width: style.width).text(after: "  ")
            for line in lines.dropFirst() {
                text += Wrapped(line, indent: 4, width: style.width).text(after: "    ")
            }
        }
        for (host, fate) in report.fates.sorted(by: { $0.key < $1.key }) {
            text += "  \(style(.strong, host.name)): \(fate.words.safeOnOneLine)\n"
        }
        for left in report.left {
            text += "  " + style(.warning, "left to you:") + " \(left.safeOnOneLine)\n"
        }
        for note in report.notes { text += style(.faint, "  note: \(note.safeOnOneLine)") + "\n" }
        return text
    }

    /// The gravest of the clusters' ends. That nothing was changed is said only when it holds for all of them.
    var exit: HaopsExit {
        let order: [HaopsExit] = [.outcomeUnknown, .failed, .interrupted, .refused, .unreachable]
        let exits = reports.compactMap { HaopsExit(rawValue: $0.report.outcome.exitCode) }
        let isLeft = reports.contains { !$0.report.left.isEmpty }
        let gravest = order.first(where: exits.contains) ?? (isLeft ? .badState : .done)
        let isChanged = reports.contains { $0.report.fates.values.contains(.changed) }
        return isChanged && (gravest == .refused || gravest == .unreachable) ? .failed : gravest
    }
}

extension RolloutOutcome {
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
    var words: String {
        switch self {
        case .alreadyRight: "nothing was to be done"
        case .untouched: "not touched"
        case .changed: "changed and verified"
        case .restored: "put back as it was"
        case .unproven(let why): "put back as it was, and not proven to be well: \(why)"
        case .broken(let why): "could not be put back: \(why)"
        case .unknown(let why): "unknown: \(why)"
        }
    }
}
