import Remote
import Testing

@testable import Events

struct EventEmitterTests {
    private func target(_ name: String) -> SSHTarget { SSHTarget(id: HostID(name), host: name) }

    @Test func `a question has an event as each node is asked, and one as it has answered or is silent`()
        async
    {
        let recorder = EventBroadcastTests.Recorder()
        let emitter = EventEmitter(to: recorder, names: RunNames("R"), verb: "who")
        let answers = await emitter.asking(
            ["lb1", "lb2", "lb3", "lb4"].map(target), window: 1, "asking"
        ) { target -> Result<Int, RemoteError> in
            switch target.id {
            case "lb1": .success(1)
            case "lb2": .failure(.unreachable(host: target.id, cause: "refused", hint: "look"))
            case "lb3": .failure(.cancelled(host: target.id, operation: "ask", changes: false))
            default: .failure(.cancelled(host: target.id, operation: "ask", changes: true))
            }
        }
        #expect(answers.map { (try? $0.get()) != nil } == [true, false, false, false])
        let events = recorder.events
        #expect(events.allSatisfy { $0.stage == .ask })
        #expect(
            events.map { "\($0.node?.name ?? "all") \($0.phase)" } == [
                "all begins", "lb1 begins", "lb1 ends", "lb2 begins", "lb2 unknown", "lb3 begins",
                "lb3 skipped",
                "lb4 begins", "lb4 unknown", "all ends",
            ])
        #expect(events.first?.nodes == 4 && events.dropFirst().allSatisfy { $0.nodes == nil })
        #expect(events[4].message == "`lb2`: cannot connect: refused" && events[4].hint == "look")
        #expect(events[4].error?.kind == .unreachable && events[4].node == "lb2")
    }

    @Test func `words are changed before anybody is told`() {
        let recorder = EventBroadcastTests.Recorder()
        let emitter = EventEmitter(to: recorder, verb: "apply").rewording {
            $0.replacing("geheim", with: "***")
        }
        emitter.on(cluster: "web").begin(.validate, node: "lb1").isUnknown("it says geheim", hint: "geheim?")
        #expect(recorder.events.map(\.message) == ["", "it says ***"])
        #expect(recorder.events.map(\.hint) == [nil, "***?"])
        let error = RemoteError.connectionLost(
            host: "lb1", operation: "run geheim", cause: "geheim", changes: true)
        emitter.begin(.change, node: "lb1").isUnknown(error)
        #expect(
            recorder.events.last?.error?.description
                == "`lb1`: cannot run ***: connection lost (***), outcome unknown")
    }

    @Test func `all names of a run have its own part, and none is given twice to a cluster`() throws {
        let names = RunNames("20261129T053955Z-k3x9f2")
        let time = try #require(UTCTime("2026-11-29T05:40:00Z"))
        #expect(names.name(for: "web", at: time) == "20261129T054000Z-k3x9f2")
        #expect(names.name(for: "db", at: time) == "20261129T054000Z-k3x9f2")
        let again = names.name(for: "web", at: time)
        #expect(again != "20261129T054000Z-k3x9f2" && again.began == time)
        #expect(
            RunID("20261129T054000Z-k3x9f2").ownPart == "k3x9f2" && RunID("odd-name").ownPart == "odd-name")
    }
}
