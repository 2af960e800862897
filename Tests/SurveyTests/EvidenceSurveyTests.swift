import Events
import Facts
import Inventory
import Remote
import Synchronization
import Testing

@testable import Survey
@testable import Timeline

/// That a report's texts and its timeline are made of one answer of each node.
struct EvidenceSurveyTests {
    /// Machines that keep what they were asked.
    private final class Machines: Transport {
        let asked = Mutex<[String]>([])

        func withSession<Result: Sendable>(
            to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
        ) async throws -> Result { try await body(Session(host: target.id, machines: self)) }
    }

    private struct Session: RemoteSession, HeldCommand {
        let host: HostID
        let machines: Machines

        func run(_ command: Command) async throws(RemoteError) -> CommandOutput {
            let script =
                command.input.isEmpty ? command.script : String(decoding: command.input, as: UTF8.self)
            machines.asked.withLock { $0.append(script) }
            let marker = script.split { $0 == "'" || $0.isWhitespace }.first { $0.hasPrefix("@haops-") } ?? ""
            let text = """
                \(marker) logs
                now=1796073000 zone=+0000
                haops-source journal 1796060000
                1796072599.346000 lb1 Keepalived[8]: Stopping
                \(marker) 0
                \(marker) run-journal
                journal=none

                \(marker) 0

                """
            return CommandOutput(stdout: Array(text.utf8), stderr: [], status: .code(0))
        }

        func hold<Result: Sendable>(
            _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
        ) async throws -> Result { try await body(self) }

        func nextLine(timeout: Duration) async throws(RemoteError) -> String? { "no clock here" }
        func tell(_ line: String) async throws(RemoteError) {}
    }

    @Test func `each node is asked once, and every fact once`() async throws {
        let machines = Machines()
        let nodes = ["lb1", "lb2"].map {
            Node(id: HostID($0), target: SSHTarget(id: HostID($0), host: $0))
        }
        let outcome = try await EvidenceSurvey(
            fleet: Fleet(source: "", clusters: [Cluster(name: "web", nodes: nodes)]), nodes: ["lb1", "lb2"],
            since: UTCTime(millisecondsSince1970: 1_796_071_000_000)
        ).take(asking: [RunJournalFact(), PendingFact()], in: SurveyContext(transport: machines))
        let scripts = machines.asked.withLock { $0 }
        #expect(scripts.count == 2)
        for script in scripts {
            for fact in ["logs", "run-journal", "interfaces", "transcripts", PendingFact.name] {
                let parts = script.split(separator: " \(fact)'", omittingEmptySubsequences: false)
                #expect(parts.count == 2, "\(fact) is asked \(parts.count - 1) times")
            }
        }
        #expect(outcome.timeline.events.count == 2 && outcome.timeline.logs.map(\.node) == ["lb1", "lb2"])
        #expect(outcome.nodes.map { $0.logs?.parts.count } == [1, 1])
        #expect(outcome.nodes.map { $0.runs?.entries.count } == [0, 0])
        #expect(outcome.unread.isEmpty && outcome.answers.count == 2)
    }
}
