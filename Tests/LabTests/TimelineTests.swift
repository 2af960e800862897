import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That the timeline tells of failovers that are made for real as they were.
    @Suite struct TimelineTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private struct Answer: Decodable {
            struct Change: Decodable {
                var instance: String
                var course: String
                var from: String?
                var to: String?
                var causes: [String]
                var nobody_milliseconds: Int?
                var both_milliseconds: Int?
                var sentence: String
            }
            struct Node: Decodable {
                var node: String
                var sources: [String]
                var clock_ahead_milliseconds: Int?
                var clock_bound_milliseconds: Int?
            }
            var failovers: [Change]
            var nodes: [Node]
        }

        private func timeline(_ pair: ManagedPair, since: String) async throws -> Answer {
            let output = try await pair.haops("timeline", "--since", since, "-o", "json")
            #expect(output.status == .code(0), "\(output.errorText)")
            return try JSONDecoder().decode(Answer.self, from: Data(output.stdout))
        }

        private func now() async throws -> String {
            let text = try await lab.console("lb1", "date -u +%Y-%m-%dT%H:%M:%SZ").text
            return String(text.prefix { !$0.isNewline })
        }

        /// A fault on lb1, and what is said of it: the start of the first cause, and how long nobody has VI_1 at most.
        private static let trials: [(fault: String, cause: String, longest: Int)] = [
            ("keepalived-stopped", "its keepalived was stopped", 1_500),
            ("keepalived-killed", "its keepalived was killed (SIGKILL)", 5_000),
            ("interface-down", "interface eth1 went down", 1_500),
        ]

        @Test(.timeLimit(.minutes(5)))
        func `a stop, a kill and an interface that goes down are told as they were`() async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            for trial in Self.trials {
                try await Task.sleep(for: .seconds(2))
                let began = try await now()
                try await Task.sleep(for: .seconds(2))
                try await lab.fault(trial.fault, "lb1")
                try await lab.eventually("ip -o addr show to \(ManagedPair.vip)/32 | grep -q .", on: "lb2")
                try await lab.heal(trial.fault, "lb1")
                try await pair.isWell(within: .seconds(30))
                let answer = try await timeline(pair, since: began)
                let moves = answer.failovers.filter { $0.instance == "VI_1" && $0.course == "moved" }
                print(moves.map(\.sentence).joined(separator: "\n"))
                try #require(moves.count == 2, "\(trial.fault): \(answer.failovers.map(\.sentence))")
                #expect(moves[0].from == "lb1" && moves[0].to == "lb2")
                #expect(moves[0].causes.first == trial.cause)
                let silence = try #require(moves[0].nobody_milliseconds)
                #expect(silence > 0 && silence <= trial.longest, "\(trial.fault): \(silence) ms")
                #expect(moves[1].from == "lb2" && moves[1].to == "lb1")
                #expect(moves[1].causes.first?.hasPrefix("lb1 advertised a higher priority (150") == true)
                for node in answer.nodes {
                    #expect(node.sources == ["journal"])
                    // All machines of the lab have one clock.
                    let ahead = try #require(node.clock_ahead_milliseconds)
                    let bound = try #require(node.clock_bound_milliseconds)
                    #expect(abs(ahead) <= bound + 1)
                }
            }
        }

        @Test func `looking leaves nothing on the nodes`() async throws {
            let pair = try await ManagedPair.ready(on: lab, by: .shipped)
            let list =
                "find / -xdev -newer /run/haops-timeline-mark -type f ! -path '/proc/*' ! -path '/sys/*' "
                + "! -path '/run/*' ! -path '/var/log/*' ! -path '/tmp/keepalived.*' | sort"
            _ = try await lab.console("lb1", "sleep 1; touch /run/haops-timeline-mark; sleep 1")
            _ = try await pair.haops("timeline", "--since", "5m")
            let left = try await lab.console("lb1", list).text
            _ = try await lab.console("lb1", "rm /run/haops-timeline-mark")
            #expect(left == "", "\(left)")
        }
    }
}
