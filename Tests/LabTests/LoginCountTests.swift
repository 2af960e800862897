import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// How often a verb logs in, by the journals of the nodes' own sshd.
    @Suite struct LoginCountTests {
        /// What ends badly on this pair whatever is done: the adverts have a network of their own, Debian starts no killed
        /// keepalived again, and the balancers share their servers.
        private static let ready =
            ["ready"] + ["kill", "adverts-out", "adverts-both", "backend"].flatMap { ["--accept", $0] }

        @Test(arguments: [
            ["who"], ["status"], ["backends"], ["doctor"], Self.ready, ["plan"], ["apply", "--yes"],
        ])
        func `a verb that changes nothing logs in once on each node`(verb: [String]) async throws {
            let lab = try LabFixture.get()
            let pair = try await ManagedPair.ready(on: lab)
            let count = try await logins(lab) {
                let output = try await pair.haops(verb[0], Array(verb.dropFirst()))
                #expect(output.status == .code(0), "\(output.everything)")
            }
            #expect(count == ["lb1": 1, "lb2": 1, "client": 1], "\(verb)")
        }

        @Test func `a change logs in twice on each node, and twice to prove that one can`() async throws {
            let lab = try LabFixture.get()
            let pair = try await ManagedPair.ready(on: lab)
            let count = try await logins(lab) { try await pair.expect(0, "restart", "keepalived", "--yes") }
            // The questions and the lock; after the change, and before the rollback is cancelled. The observer is asked, and
            // pings the addresses meanwhile.
            #expect(count == ["lb1": 4, "lb2": 4, "client": 2])
        }

        /// By node, how many logins there are while `body` runs.
        private func logins(_ lab: LabFixture, _ body: () async throws -> Void) async throws -> [String: Int]
        {
            let nodes = ["lb1", "lb2", "client"]
            func count() async throws -> [String: Int] {
                var counts: [String: Int] = [:]
                for node in nodes {
                    let said = try await lab.console(
                        node,
                        "journalctl --sync; journalctl -q -b --no-pager -t sshd | grep -c 'Accepted publickey' || true"
                    )
                    counts[node] = Int(said.text.filter(\.isNumber))
                }
                return counts
            }
            let before = try await count()
            try await body()
            return try await count().merging(before) { after, before in after - before }
        }
    }
}
