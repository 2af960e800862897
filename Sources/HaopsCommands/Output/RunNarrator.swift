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
        // What is known already, as doctor says it after its first look.
        case .waits where isOfAll: console.note(event.message.safeOnOneLine)
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
        let step = console.steps[event]
        let words = words(of: event, step)
        let number = step.map { " (\($0.number)/\($0.total))" } ?? ""
        let name = event.node?.name ?? event.cluster ?? "cluster"
        let place = console.err(.strong, name) + ": "
        switch event.phase {
        case .begins: if !console.isInteractive { say(words + number, after: place) }
        case .waits:
            // What is waited for over and over is said once.
            let key = "\(event.cluster ?? "") \(name) \(event.stage.rawValue)"
            guard console.waits.isNew(event.message, of: key) else { return }
            say("waiting for " + event.message.safeOnOneLine, after: place)
        case .ends:
            let time = event.duration.map { " (\($0.brief))" } ?? ""
            if console.isInteractive {
                say(words + number + time, after: place)
            } else if let step, let duration = event.duration {
                console.note(
                    place + console.err(.faint, "\(step.number)/\(step.total) done in \(duration.brief)"))
            } else {
                console.detail("\(name): \(words) done\(time)")
            }
        // The lock's holder is named in the report.
        case .fails where event.stage == .lock: return
        case .fails, .unknown:
            // Two stages that fail for one reason say it once.
            let why = event.message.safeOnOneLine
            let isNew = console.waits.isNew(why, of: "\(event.cluster ?? "") \(name) why")
            let time = event.duration.map { " after \($0.brief)" } ?? ""
            say(
                isNew ? why : "for the same reason",
                after: place + console.err(.bad, "\(event.stage.words) failed\(time):") + " ")
        case .skipped: console.detail("\(name): \(words) skipped")
        }
    }

    /// A line, wrapped to the terminal.
    private func say(_ words: String, after place: String) {
        let text = Wrapped(words, indent: 4, width: console.err.width).text(after: place)
        console.note(String(text.dropLast()))
    }

    /// The stage, and what the plan says of it where that says more.
    private func words(of event: RunEvent, _ step: StepNumbers.Step?) -> String {
        guard let planned = step?.words?.safeOnOneLine else {
            switch event.stage {
            case .measure, .makeFailure, .endFailure:
                return event.stage.words + (event.message.isEmpty ? "" : ": \(event.message.safeOnOneLine)")
            default: return event.stage.words
            }
        }
        return switch event.stage {
        case .change: event.stage.words + ": " + planned
        case .handOver, .giveBack, .install: planned
        default: event.stage.words
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
        case .hold: "keep the automatic rollback scheduled until somebody confirms"
        case .giveBack: "give the addresses back"
        case .restore: "put the old files back"
        case .standDown: "stop its keepalived, which claims what another node owns"
        case .measure: "measure"
        case .makeFailure: "make the failure"
        case .endFailure: "end the failure"
        case .clean: "clean up"
        case .setServers: "set its servers"
        case .takeServersBack: "put its servers back as they were"
        case .awaitSessions: "wait until no session is left"
        }
    }
}
