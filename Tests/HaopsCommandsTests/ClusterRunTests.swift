import ArgumentParser
import HaopsTestSupport
import Inventory
import Remote
import Rollout
import Synchronization
import Testing

@testable import HaopsCommands

/// Work on several clusters at once, performed with work that is made up.
@Suite struct ClusterRunTests {
    /// What was under way together, and what was begun at all.
    private final class Record: Sendable {
        struct State {
            var running: Set<String> = []
            var most = 0
            var begun: [String] = []
            var together: Set<Set<String>> = []
        }
        let state = Mutex(State())

        func begins(_ name: String) {
            state.withLock { state in
                state.running.insert(name)
                state.begun.append(name)
                state.most = max(state.most, state.running.count)
                for other in state.running where other != name { state.together.insert([name, other]) }
            }
        }
        func ends(_ name: String) { state.withLock { _ = $0.running.remove(name) } }
    }

    private final class Said: Sendable { let text = Mutex("") }

    private func cluster(_ name: String, observer: String? = nil) -> Cluster {
        let nodes = ["\(name)-lb1", "\(name)-lb2"].map {
            Node(id: HostID($0), target: SSHTarget(id: HostID($0), host: $0))
        }
        return Cluster(
            name: name, nodes: nodes,
            observers: observer.map {
                [Observer(id: HostID($0), target: SSHTarget(id: HostID($0), host: $0))]
            } ?? [])
    }

    private func work(_ said: Said = Said()) throws -> ClusterWork {
        let style = Style(isColored: false)
        var console = Console(
            out: style, err: style, isQuiet: false, isVerbose: false, isInteractive: false)
        console.sink = { text, descriptor in if descriptor == 2 { said.text.withLock { $0 += text } } }
        return ClusterWork(
            fleet: Fleet(source: "-", clusters: []), connection: try ConnectionFlags.parse([]),
            transport: ScriptedTransport([:]), console: console)
    }

    private func piece(
        _ name: String, _ record: Record, observer: String? = nil,
        _ outcome: @escaping @Sendable (Interrupt) -> RolloutOutcome = { _ in .done }
    ) -> ClusterRun.Piece {
        ClusterRun.Piece(cluster: cluster(name, observer: observer)) { work, interrupt in
            record.begins(name)
            work.console.note("\(name)-lb1: verify")
            // Long enough for the others to be begun as well.
            try? await Task.sleep(for: .milliseconds(50))
            record.ends(name)
            return RolloutReport(outcome: outcome(interrupt), fates: [HostID("\(name)-lb1"): .changed])
        }
    }

    private let names = (1...6).map { "c\($0)" }

    @Test func `no more clusters than wanted are under way, and all are done`() async throws {
        for atOnce in [1, 3, 10] {
            let record = Record()
            let run = ClusterRun(
                pieces: names.map { piece($0, record) }, waves: Waves(atOnce: atOnce), work: try work())
            let outcome = await run.perform(Interrupt())
            #expect(outcome.reports.allSatisfy { $0.outcome == .done } && outcome.stop == nil)
            #expect(record.state.withLock { $0.most } == min(atOnce, 6))
            #expect(record.state.withLock { Set($0.begun) } == Set(names))
        }
    }

    @Test func `a failure lets those under way finish and begins no other`() async throws {
        let record = Record()
        let run = ClusterRun(
            pieces: names.map { name in
                piece(name, record) { _ in name == "c1" ? .failed(["it does not start"]) : .done }
            }, waves: Waves(atOnce: 2), work: try work())
        let outcome = await run.perform(Interrupt())
        #expect(outcome.stop == .failures)
        #expect(outcome.reports[0].outcome == .failed(["it does not start"]))
        let others = outcome.reports.dropFirst(2).filter { $0.outcome != .done }
        #expect(outcome.reports[1].outcome == .done && others.count >= 3)
        #expect(others.allSatisfy { $0.outcome == .notBegun })
    }

    @Test func `a run that is repeated after a failure does the rest`() async throws {
        let done = Mutex<Set<String>>([])
        func run(failing: String?) async throws -> ClusterRun.Outcome {
            let record = Record()
            let pieces = names.map { name in
                let isDone = done.withLock { $0.contains(name) }
                var piece = piece(name, record) { _ in
                    if isDone { return .nothingToDo }
                    if name == failing { return .failed(["no"]) }
                    done.withLock { _ = $0.insert(name) }
                    return .done
                }
                // As `conduct` has it: an empty plan asks no node.
                piece.ending = isDone ? .settled : .open
                return piece
            }
            return await ClusterRun(pieces: pieces, waves: Waves(), work: try work()).perform(Interrupt())
        }
        let first = try await run(failing: "c3")
        #expect(
            first.reports.map(\.outcome) == [.done, .done, .failed(["no"]), .notBegun, .notBegun, .notBegun])
        let second = try await run(failing: nil)
        #expect(second.reports.map(\.outcome) == [.nothingToDo, .nothingToDo, .done, .done, .done, .done])
    }

    @Test func `what is refused already counts before any cluster is begun`() async throws {
        func run(_ waves: Waves) async throws -> (ClusterRun.Outcome, begun: [String]) {
            let record = Record()
            var pieces = names.map { piece($0, record) }
            pieces[5] = ClusterRun.Piece(cluster: cluster("c6"), ending: .settled) { _, _ in
                RolloutReport(outcome: .refused(["locked"]))
            }
            let outcome = await ClusterRun(pieces: pieces, waves: waves, work: try work()).perform(
                Interrupt())
            return (outcome, record.state.withLock { $0.begun })
        }
        let strict = try await run(Waves())
        #expect(strict.begun.isEmpty && strict.0.stop == .failures)
        #expect(strict.0.reports.dropLast().allSatisfy { $0.outcome == .notBegun })
        let tolerant = try await run(Waves(maxFailures: 1))
        #expect(tolerant.begun == Array(names.dropLast()))
        let canary = try await run(Waves(canary: "c6", maxFailures: 1))
        #expect(canary.begun.isEmpty && canary.0.stop == .canary)
    }

    @Test func `the canary goes first, and the others wait for it`() async throws {
        let record = Record()
        let run = ClusterRun(
            pieces: names.map { piece($0, record) }, waves: Waves(atOnce: 6, canary: "c4"), work: try work())
        _ = await run.perform(Interrupt())
        #expect(record.state.withLock { $0.begun.first } == "c4")
        #expect(record.state.withLock { $0.together.filter { $0.contains("c4") } }.isEmpty)
    }

    @Test func `an interrupt begins no other cluster, and those under way see it`() async throws {
        let record = Record()
        let interrupt = Interrupt()
        let run = ClusterRun(
            pieces: names.map { name in
                piece(name, record) { wish in
                    interrupt.request()
                    return wish.isRequested ? .interrupted : .done
                }
            }, waves: Waves(atOnce: 2), work: try work())
        let outcome = await run.perform(interrupt)
        #expect(record.state.withLock { Set($0.begun) } == ["c1", "c2"])
        #expect(outcome.reports.dropFirst(2).allSatisfy { $0.outcome == .notBegun })
        let report = RunReport(
            command: "apply", reports: zip(names, outcome.reports).map { ($0, $1) }, stop: outcome.stop)
        #expect(report.exit == .interrupted)
    }

    @Test func `clusters that share an observer are not changed side by side`() async throws {
        let record = Record()
        let run = ClusterRun(
            pieces: names.map {
                piece($0, record, observer: ["c1", "c2", "c5"].contains($0) ? "client" : nil)
            },
            waves: Waves(atOnce: 6), work: try work())
        let outcome = await run.perform(Interrupt())
        #expect(outcome.reports.allSatisfy { $0.outcome == .done })
        let together = record.state.withLock { $0.together }
        #expect(!together.contains(["c1", "c2"]) && !together.contains(["c1", "c5"]))
        #expect(!together.contains(["c2", "c5"]) && together.contains(["c3", "c4"]))
    }

    @Test func `two names of one machine are one machine`() {
        func entry(_ name: String, _ host: String, port: Int? = nil) -> ClusterSchedule.Entry {
            let target = SSHTarget(id: HostID(name), host: host, port: port)
            return ClusterSchedule.Entry(
                Cluster(name: "c-\(name)", nodes: [Node(id: HostID(name), target: target)]))
        }
        func share(_ left: ClusterSchedule.Entry, _ right: ClusterSchedule.Entry) -> Bool {
            !left.machines.isDisjoint(with: right.machines)
        }
        #expect(share(entry("a", "2001:db8::1"), entry("b", "2001:DB8:0::1")))
        #expect(share(entry("a", "LB1.example.net"), entry("b", "lb1.example.net", port: 22)))
        #expect(!share(entry("a", "10.0.0.1"), entry("b", "10.0.0.11")))
        #expect(!share(entry("a", "10.0.0.1", port: 2201), entry("b", "10.0.0.1", port: 2202)))
    }

    @Test func `lines of progress name their cluster, where there are several`() async throws {
        let said = Said()
        let record = Record()
        let run = ClusterRun(
            pieces: names.map { piece($0, record) }, waves: Waves(atOnce: 3), work: try work(said))
        _ = await run.perform(Interrupt())
        let lines = said.text.withLock { $0 }.split(separator: "\n")
        for name in names { #expect(lines.contains { $0 == "\(name) \(name)-lb1: verify" }, "\(lines)") }
        #expect(lines.last?.hasSuffix("done (6 of 6 clusters)") == true, "\(lines)")

        said.text.withLock { $0 = "" }
        let alone = ClusterRun(pieces: [piece("c1", record)], waves: Waves(), work: try work(said))
        _ = await alone.perform(Interrupt())
        #expect(said.text.withLock { $0 } == "c1-lb1: verify\n")
    }

    @Test func `a canary that is none of the selected clusters is a mistake of usage`() throws {
        let flags = try WaveFlags.parse(["--canary", "c7", "--clusters-at-once", "2"])
        let error = #expect(throws: Failure.self) { try flags.waves(through: names.map { cluster($0) }) }
        #expect(error?.exit == .usage)
        #expect(try flags.waves(through: [cluster("c7")]) == Waves(atOnce: 2, canary: "c7"))
        #expect(throws: (any Error).self) { try WaveFlags.parse(["--clusters-at-once", "0"]) }
        #expect(throws: (any Error).self) { try WaveFlags.parse(["--max-failures", "-1"]) }
    }
}
