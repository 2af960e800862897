import Events
import Remote
import Rollout

/// Prints a run's steps on standard error. Without a terminal each step has a line when it begins. On a terminal
/// it has one when it ends, because ``LiveLines`` shows running steps.
struct RunNarrator: EventSink {
    var console: Console

    func emit(_ event: RunEvent) {
        if console.isInteractive { LiveLines.shared.follow(event, style: console.err) }
        switch event.stage {
        // The report at the end covers these.
        case .run, .cluster: return
        case .ask: sayQuestion(event)
        default: sayStep(event)
        }
    }

    /// Prints the end of a question. Nodes that did not answer are named when all have been asked.
    private func sayQuestion(_ event: RunEvent) {
        let isOfAll = event.node == nil
        switch event.phase {
        case .begins:
            guard isOfAll else { return }
            console.silentNodes.questionBegins()
            guard let count = event.nodes else { return }
            console.detail("\(event.message): \(count) machine\(count == 1 ? "" : "s")")
        case .unknown, .fails: saySilent(event)
        // After Ctrl-C the verb itself names the unanswered nodes at its end.
        case .skipped where !Interrupts.endsQuestions: saySilent(event)
        case .waits: sayStep(event)
        case .ends, .skipped: break
        }
        guard isOfAll, event.phase.isLast else { return }
        for errors in console.silentNodes.questionEnds() { console.error(errors) }
    }

    private func saySilent(_ event: RunEvent) {
        if console.silentNodes.keeps(event) { return }
        console.error(event.message, hint: event.hint)
    }

    private func sayStep(_ event: RunEvent) {
        let words = event.stage.words
        let name = event.node?.name ?? event.cluster ?? "cluster"
        let place = console.err(.strong, name) + ": "
        switch event.phase {
        case .begins: if !console.isInteractive { console.note(place + words) }
        case .waits:
            console.note(place + console.err(.faint, "waiting for " + event.message.safeOnOneLine))
        case .ends:
            let time = event.duration.map { " (\($0.brief))" } ?? ""
            if console.isInteractive {
                console.note(place + words + console.err(.faint, time))
            } else {
                console.detail("\(name): \(words) done\(time)")
            }
        // The lock's holder is named in the report.
        case .fails where event.stage == .lock: return
        case .fails, .unknown:
            console.note(place + console.err(.bad, words + " failed: ") + event.message.safeOnOneLine)
        case .skipped: console.detail("\(name): \(words) skipped")
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
