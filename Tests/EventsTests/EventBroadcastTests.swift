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

    @Test func `every listener is told everything in order`() {
        let (first, second) = (Recorder(), Recorder())
        let emitter = EventEmitter(
            to: EventBroadcast([first, second]), names: RunNames("R"), verb: "who")
        for number in 0..<100 { emitter.emit(.ask, .waits, node: "lb1", "\(number)") }
        #expect(first.events.map(\.message) == (0..<100).map(String.init))
        #expect(second.events == first.events)
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
