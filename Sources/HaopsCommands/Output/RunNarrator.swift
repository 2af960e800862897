import Events
import Remote
import Rollout

/// Says on standard error what happens in a run: a plain line for each step as it begins; on a terminal as it ends, because
/// ``LiveLines`` shows there what is under way.
struct RunNarrator: EventSink {
    var console: Console

    func emit(_ event: RunEvent) {
        if console.isInteractive { LiveLines.shared.follow(event, style: console.err) }
        switch event.stage {
        // The report at the end says how they went.
        case .run, .cluster: return
        case .ask: sayQuestion(event)
        default: sayStep(event)
        }
    }

    /// Silent nodes are named as they are found.
    private func sayQuestion(_ event: RunEvent) {
        switch event.phase {
        case .begins:
            guard let count = event.nodes else { return }
            console.detail("\(event.message): \(count) machine\(count == 1 ? "" : "s")")
        case .unknown, .fails: console.error(event.message, hint: event.hint)
        // Whom the operator did not wait for is named by the end of the verb.
        case .skipped where !Interrupts.endsQuestions: console.error(event.message, hint: event.hint)
        case .waits, .ends, .skipped: return
        }
    }

    private func sayStep(_ event: RunEvent) {
        let words = event.stage.words
        let place = event.node.map { console.err(.strong, $0.name) + ": " } ?? ""
        switch event.phase {
        case .begins: if !console.isInteractive { console.note(place + words) }
        case .waits:
            console.note(place + console.err(.faint, "waiting for " + event.message.safeOnOneLine))
        case .ends:
            let time = event.duration.map { " (\($0.brief))" } ?? ""
            if console.isInteractive {
                console.note(place + words + console.err(.faint, time))
            } else {
                console.detail("\(event.node?.name ?? "cluster"): \(words) done\(time)")
            }
        // The lock's holder is named in the report.
        case .fails where event.stage == .lock: return
        case .fails, .unknown:
            console.note(place + console.err(.bad, words + " failed: ") + event.message.safeOnOneLine)
        case .skipped: console.detail("\(event.node?.name ?? "cluster"): \(words) skipped")
        }
    }
}

extension RunEvent.Stage {
    var words: String {
        switch self {
        case .run: "run"
        case .ask: "ask"
        case .cluster: "change the cluster"
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
