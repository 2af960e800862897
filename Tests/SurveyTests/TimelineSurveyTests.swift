import Events
import Facts
import Inventory
import Remote
import Testing

@testable import Survey
@testable import Timeline

/// That nodes' logs are asked for and brought together, with their clocks compared.
struct TimelineSurveyTests {
    /// Machines with these logs, and clocks that are ahead by so many milliseconds.
    private struct Machines: Transport {
        var logs: [HostID: String]
        var ahead: [HostID: Int]

        func withSession<Result: Sendable>(
            to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
        ) async throws -> Result {
            guard let log = logs[target.id] else {
                throw RemoteError.configuration(host: target.id, cause: "it is off", hint: nil)
            }
            return try await body(Session(host: target.id, log: log, ahead: ahead[target.id]))
        }
    }

    private struct Session: RemoteSession, HeldCommand {
        let host: HostID
        let log: String
        let ahead: Int?

        func run(_ command: Command) async throws(RemoteError) -> CommandOutput {
            let script =
                command.input.isEmpty ? command.script : String(decoding: command.input, as: UTF8.self)
            let marker = script.split { $0 == "'" || $0.isWhitespace }.first { $0.hasPrefix("@haops-") } ?? ""
            let text =
                "\(marker) logs\n\(log)\n\(marker) 0\n\(marker) run-journal\njournal=none\n\n\(marker) 0\n"
            return CommandOutput(stdout: Array(text.utf8), stderr: [], status: .code(0))
        }

        func hold<Result: Sendable>(
            _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
        ) async throws -> Result { try await body(self) }

        func nextLine(timeout: Duration) async throws(RemoteError) -> String? {
            guard let ahead else { return "no clock here" }
            let now = UTCTime.now.millisecondsSince1970 + ahead
            let milliseconds = String(now % 1000)
            return "\(now / 1000)." + String(repeating: "0", count: 3 - milliseconds.count) + milliseconds
                + "000000"
        }

        func tell(_ line: String) async throws(RemoteError) {}
    }

    private static let log1 = """
        now=1796073000 zone=+0000
        haops-source earlier
        1796070000.000000 lb1 Keepalived_vrrp[8]: (VI_1) Entering MASTER STATE
        haops-source journal 1796060000
        1796072599.346000 lb1 Keepalived[8]: Stopping
        """
    /// The clock of lb2 is an hour ahead.
    private static let log2 = """
        now=1796076600 zone=+0000
        haops-source file 1796076600 /var/log/messages
        Nov 30 22:03:19.958 lb2 Keepalived_vrrp[9]: (VI_1) Entering MASTER STATE
        """

    private func survey(_ logs: [HostID: String], _ ahead: [HostID: Int]) async throws
        -> TimelineSurvey.Outcome
    {
        let nodes = ["lb1", "lb2"].map {
            Node(id: HostID($0), target: SSHTarget(id: HostID($0), host: $0))
        }
        let survey = TimelineSurvey(
            fleet: Fleet(source: "", clusters: [Cluster(name: "web", nodes: nodes)]), nodes: ["lb1", "lb2"],
            since: UTCTime(millisecondsSince1970: 1_796_071_000_000))
        return try await survey.take(in: SurveyContext(transport: Machines(logs: logs, ahead: ahead)))
    }

    @Test func `clocks are corrected, and what was before the time asked for says who had it`() async throws {
        let outcome = try await survey(
            ["lb1": Self.log1, "lb2": Self.log2], ["lb1": 0, "lb2": 3_600_000])
        #expect(outcome.unread.isEmpty)
        let ahead = try #require(outcome.logs.last?.clock.ahead)
        #expect(abs(ahead - 3_600_000) < 50)
        let failovers = outcome.story.failovers
        #expect(failovers.map(\.course) == [.moved])
        guard case .nobody(let milliseconds, _)? = failovers.first?.silence else {
            Issue.record("\(failovers)")
            return
        }
        #expect(abs(milliseconds - 612) < 60)
        #expect(outcome.logs.map(\.sources) == [["journal"], ["/var/log/messages"]])
        #expect(outcome.events.count == 2)
    }

    @Test func `a silent node is named, one without a usable clock is not corrected`() async throws {
        let outcome = try await survey(["lb1": Self.log1], [:])
        #expect(outcome.unread.map(\.host) == ["lb2"])
        #expect(outcome.logs.map(\.clock.isMeasured) == [false])
        #expect(outcome.events.map(\.time.millisecondsSince1970) == [1_796_072_599_346])
    }
}
