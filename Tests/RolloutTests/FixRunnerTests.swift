import Events
import Facts
import Inventory
import Remote
import Synchronization
import Testing

@testable import Rollout

/// What a fix leaves in the journals of its nodes.
struct FixRunnerTests {
    /// Machines that do whatever they are told, except for one operation, whose connection is lost.
    private final class LossyTransport: Transport, RemoteSession {
        let host: HostID = "lb1"
        private let lost: String
        private let ends = Mutex<[String]>([])

        init(losing lost: String) { self.lost = lost }

        /// The last journal entries that the run has written.
        var journal: [RunEnd] { ends.withLock { $0.compactMap { RunEnd(event: $0) } } }

        func withSession<Result: Sendable>(
            to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
        ) async throws -> Result { try await body(self) }

        func run(_ command: Command) async throws(RemoteError) -> CommandOutput {
            if command.operation == lost {
                throw .connectionLost(host: host, operation: lost, cause: "reset", changes: command.changes)
            }
            let start = "OUTCOME='"
            for line in command.script.split(separator: "\n") where line.hasPrefix(start) {
                ends.withLock { $0.append(String(line.dropFirst(start.count).prefix { $0 != "'" })) }
            }
            return CommandOutput(stdout: [], stderr: [], status: .code(0))
        }

        func hold<Result: Sendable>(
            _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
        ) async throws -> Result {
            throw RemoteError.configuration(host: host, cause: "no command is held here", hint: nil)
        }
    }

    private func runner(_ transport: any Transport) throws -> FixRunner {
        let cluster = try TestCluster.make()
        return FixRunner(
            cluster: cluster, actions: [.start(TestCluster.lb2, reason: "it is stopped")], baseline: [],
            operations: NodeOperations(
                transport: transport, clock: ContinuousClock(),
                context: NodeScript.Context(run: "R", who: "a@x", what: "fix"),
                timing: RolloutTiming(cluster)),
            events: EventEmitter())
    }

    @Test func `a fix whose outcome is unknown is unknown in the journal too`() async throws {
        let transport = LossyTransport(losing: "restore keepalived")
        let report = try await runner(transport).run(Interrupt())
        guard case .unknown = report.outcome else {
            Issue.record("\(report.outcome)")
            return
        }
        #expect(transport.journal.map(\.outcome) == ["unknown", "unknown"])
    }

    @Test func `a node that the change before the actions has changed is not called untouched`() async throws
    {
        let transport = LossyTransport(losing: "")
        var runner = try runner(transport)
        runner.fates = [TestCluster.lb1: .changed]
        let interrupt = Interrupt()
        interrupt.request()
        let report = await runner.run(interrupt)
        #expect(report.outcome == .interrupted)
        #expect(transport.journal.map(\.fate).sorted() == ["changed", "untouched"])
        #expect(transport.journal.allSatisfy { $0.outcome == "interrupted" })
    }

    /// The machines do what they are told and say nothing of themselves, so the last gate cannot pass.
    @Test func `a fix whose last gate does not pass calls no node verified`() async throws {
        let transport = LossyTransport(losing: "")
        var runner = try runner(transport)
        runner.operations.timing = RolloutTiming(
            poll: .milliseconds(1), election: .milliseconds(1), settle: .milliseconds(1),
            revertAfter: .seconds(1),
            masterDown: .milliseconds(1))
        let report = await runner.run(Interrupt())
        guard case .failed(let reasons) = report.outcome,
            case .unverified(let why)? = report.fates[TestCluster.lb2]
        else {
            Issue.record("\(report)")
            return
        }
        #expect(!reasons.isEmpty && why == reasons.joined(separator: "; "))
        #expect(transport.journal.map(\.fate).sorted() == ["untouched", "unverified"])
    }
}
