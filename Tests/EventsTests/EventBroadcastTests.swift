import Remote
import Synchronization
import Testing

@testable import Events

struct EventBroadcastTests {
    /// Remembers what it was told.
    final class Recorder: EventSink {
        private let state = Mutex<[RunEvent]>([])
        var events: [RunEvent] { state.withLock { $0 } }
        func emit(_ event: RunEvent) { state.withLock { $0.append(event) } }
    }

    @Test func `every observer is told everything in order`() async {
        let (first, second) = (Recorder(), Recorder())
        let broadcast = EventBroadcast([first])
        broadcast.add(second)
        let stream = broadcast.events()
        let emitter = EventEmitter(to: broadcast, names: RunNames("R"), verb: "who")
        for number in 0..<100 { emitter.emit(.ask, .waits, node: "lb1", "\(number)") }
        broadcast.finish()
        let messages = (0..<100).map(String.init)
        #expect(first.events.map(\.message) == messages && second.events == first.events)
        var streamed: [RunEvent] = []
        for await event in stream { streamed.append(event) }
        #expect(streamed == first.events)
    }

    @Test func `an observer that never reads holds up nothing, and misses the oldest events`() async {
        let broadcast = EventBroadcast()
        let idle = broadcast.events(keeping: 10)
        let emitter = EventEmitter(to: broadcast, names: RunNames("R"), verb: "who")
        for number in 0..<1000 { emitter.emit(.ask, .waits, "\(number)") }
        broadcast.finish()
        #expect(broadcast.droppedCount == 990)
        var kept: [String] = []
        for await event in idle { kept.append(event.message) }
        #expect(kept == (990..<1000).map(String.init))
    }

    @Test func `an observer that has left is forgotten, and one that comes too late is told nothing`() async {
        let broadcast = EventBroadcast()
        do {
            let left = broadcast.events()
            _ = left
        }
        EventEmitter(to: broadcast, names: RunNames("R"), verb: "who").emit(.run, .begins)
        broadcast.finish()
        for await event in broadcast.events() { Issue.record("told \(event)") }
        #expect(broadcast.droppedCount == 0)
    }

    @Test func `a stage knows its run, its cluster and how long it took`() async throws {
        let recorder = Recorder()
        let emitter = EventEmitter(to: recorder, names: RunNames("R"), verb: "apply").on(cluster: "web")
        let stage = emitter.begin(.verify, node: "lb1")
        stage.waits(for: "haproxy")
        stage.fails("two owners")
        let events = recorder.events
        #expect(events.map(\.phase) == [.begins, .waits, .fails])
        #expect(events.map(\.message) == ["", "haproxy", "two owners"])
        #expect(events.allSatisfy { $0.run == "R" && $0.verb == "apply" && $0.cluster == "web" })
        #expect(events.allSatisfy { $0.node == "lb1" && $0.stage == .verify })
        #expect(events.map { $0.duration != nil } == [false, false, true])
        #expect(events.map(\.phase.isLast) == [false, false, true])
    }

    @Test func `what is passed on may be changed first`() {
        let recorder = Recorder()
        let masked = MappedEvents(recorder) { event in
            var event = event
            event.message = event.message.replacing("geheim", with: "***")
            return event
        }
        EventEmitter(to: masked, names: RunNames("R"), verb: "apply").emit(
            .validate, .fails, "auth_pass geheim")
        #expect(recorder.events.map(\.message) == ["auth_pass ***"])
    }
}
