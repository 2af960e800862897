import Events
import Survey
import Synchronization
import Timeline

/// Prints what happens on nodes as it happens, and a sentence for each failover when its outcome is known.
final class FollowedTimeline: Sendable {
    private struct State {
        var events: [TimelineEvent]
        /// What the events amount to; `nil` when there are newer events.
        var failovers: [Failover]?
        var printed: Set<String> = []
        var day = ""
        var lost: Set<String> = []
        /// When each node said something last, by its words, since its last change of state.
        var said: [String: [String: UTCTime]] = [:]
    }

    private let state: Mutex<State>
    private let console: Console
    private let report: TimelineReport
    private let text: TimelineText
    private let isForPeople: Bool
    private let began: UTCTime

    /// Failovers are worked out from no more events than these, the newest.
    private static let mostEvents = 4000
    /// How long to wait for the rest of a failover, in milliseconds: for what a log has later, and for a new owner.
    private static let (settled, patience) = (2_000, 20_000)

    init(_ report: TimelineReport, since began: UTCTime, isForPeople: Bool, console: Console) {
        let outcome = report.outcome
        let earlier = (outcome.logs.flatMap(\.earlier) + outcome.logs.flatMap(\.events)).inOrder
        state = Mutex(State(events: earlier.suffix(Self.mostEvents)))
        self.report = report
        self.console = console
        self.isForPeople = isForPeople
        self.began = began
        text = TimelineText(style: console.out, clusters: Set(outcome.logs.map(\.cluster)).count)
    }

    func receive(_ news: TimelineFollower.News) {
        switch news {
        case .lost(let node, let why):
            // Said once until the node is heard again.
            let isNew = state.withLock { $0.lost.insert(node).inserted }
            if isNew { console.warning("\(node): its log is not followed: \(why)") }
        case .event(let event):
            let day = state.withLock { state -> String? in
                state.lost.remove(event.node)
                state.events.append(event)
                state.failovers = nil
                if state.events.count > Self.mostEvents * 2 {
                    state.events.removeFirst(state.events.count - Self.mostEvents)
                }
                defer { state.day = event.time.date }
                return state.day == event.time.date ? nil : event.time.date
            }
            show(event, newDay: day)
        }
    }

    private func show(_ event: TimelineEvent, newDay: String?) {
        guard event.instance.map(report.isWanted) ?? true else { return }
        guard isForPeople else {
            let document = TimelineDocument.Event(event)
            return console.answer(OutputEncoder().encode(document).jsonOnOneLine + "\n")
        }
        guard report.showsAll || !event.isDetail && !isRepeated(event) else { return }
        if let newDay { console.answer(console.out(.strong, newDay) + "\n") }
        console.answer(text.line(event))
    }

    /// Whether the node has said the same shortly before.
    private func isRepeated(_ event: TimelineEvent) -> Bool {
        state.withLock { state in
            if event.isTransition {
                state.said[event.node] = [:]
                return false
            }
            let last = state.said[event.node, default: [:]].updateValue(event.time, forKey: event.words)
            return last.map {
                event.time.millisecondsSince1970 - $0.millisecondsSince1970 <= TimelineRows.pause
            } ?? false
        }
    }

    /// Prints failovers whose outcome is known by now, until it is cancelled.
    func printFailovers() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(500))
            printFailovers(at: .now)
        }
    }

    private func failovers() -> [Failover] {
        let (known, events) = state.withLock { ($0.failovers, $0.events) }
        if let known { return known }
        let found = Story(events.inOrder, nodesByAddress: report.outcome.nodesByAddress).failovers
        state.withLock { if $0.events.count == events.count { $0.failovers = found } }
        return found
    }

    private func printFailovers(at now: UTCTime) {
        for failover in failovers() where report.isWanted(failover.instance) {
            let age = now.millisecondsSince1970 - failover.lastTime.millisecondsSince1970
            guard failover.lastTime >= began, age >= (failover.isKnown ? Self.settled : Self.patience) else {
                continue
            }
            let key = "\(failover.cluster) \(failover.instance) \(failover.course) \(failover.time.iso8601)"
            guard state.withLock({ $0.printed.insert(key).inserted }) else { continue }
            if isForPeople {
                console.answer(text.sentence(failover, clocksCompared: report.clocksCompared))
            } else {
                let document = TimelineDocument.Change(failover, clocksCompared: report.clocksCompared)
                console.answer(OutputEncoder().encode(document).jsonOnOneLine + "\n")
            }
        }
    }
}

extension Failover {
    /// Whether both its ends are known, so that nothing of it is to come.
    fileprivate var isKnown: Bool {
        switch course {
        case .moved, .retaken, .twoOwners: silence != .unknown
        case .lost, .first, .notTakenBack: false
        }
    }
}
