import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Operators who log in as themselves.
    @Suite struct PrivilegeTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        @Test func `a user who needs no password for sudo can apply`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            try await changed.expect(0, "apply", "--yes", "--user", "deploy")
            try await changed.expect(0, "plan", "--detailed-exitcode", "--user", "deploy")
            try await pair.isWell()
        }

        @Test func `a user with a password is asked once on the terminal and can apply`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            let log = try lab.scratch("terminal.log", "")
            // script(1) gives haops a terminal; the password is typed once it is asked for, and never before.
            let output = try await lab.run(
                [
                    "bash", "-c",
                    """
                    printf -v line '%q ' "$@"
                    { for i in {1..600}; do grep -qi password '\(log)' && break; sleep 0.05; done
                      cat '\(lab.state)/ops.password'; } | script -qefc "$line" '\(log)'
                    """, "bash", LabFixture.haops,
                ] + changed.commandLine("apply", ["--yes", "--user", "ops", "-K"]), limit: .seconds(150))
            #expect(output.status == .code(0), "\(output.everything)")
            let password = try await lab.run(["cat", lab.state + "/ops.password"]).text
                .split(separator: "\n").first.map(String.init)
            let secret = try #require(password)
            #expect(!output.said.contains(secret))
            #expect(output.said.lowercased().split(separator: "password").count == 2, "asked once")
            for node in ManagedPair.nodes {
                let traces = try await lab.console(
                    node,
                    "cat /dev/stdin >/run/secret; journalctl -o cat | grep -cFf /run/secret; rm /run/secret",
                    input: Array(secret.utf8))
                #expect(traces.text == "0\n")
            }
            try await changed.expect(0, "plan", "--detailed-exitcode")
        }

        @Test func `a user whose password nobody asked for is told so and changes nothing`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await pair.traces(of: "lb1")
            let output = try await pair.harmlesslyChanged().haops("apply", "--yes", "--user", "ops")
            #expect(output.status == .code(4), "\(output.everything)")
            #expect(output.said.contains("`lb1`: cannot become root") && output.said.contains("-K"))
            #expect(try await pair.traces(of: "lb1") == before)
        }
    }
}
