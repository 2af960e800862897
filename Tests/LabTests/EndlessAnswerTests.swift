import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// A node that prints without end costs its own answer, and nobody else's.
    @Suite struct EndlessAnswerTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// Runs `body` while a program on `lb2` is another one.
        private func replacing<Result>(
            _ program: String, by script: String, _ body: () async throws -> Result
        ) async throws -> Result {
            try await lab.put(
                "#!/bin/sh\n\(script)\n", at: "/root/\(program).haops-test", on: "lb2", mode: "755")
            let moved = try await lab.console(
                "lb2",
                "p=$(readlink -f $(command -v \(program))); mv $p $p.real && mv /root/\(program).haops-test $p"
            )
            #expect(moved.status.isSuccess)
            func restore() async throws {
                _ = try await lab.console(
                    "lb2", "p=$(readlink -f $(command -v \(program))); [ ! -e $p.real ] || mv -f $p.real $p")
            }
            do {
                let result = try await body()
                try await restore()
                return result
            } catch {
                try await restore()
                throw error
            }
        }

        private func limited(_ pair: ManagedPair, _ verb: String, _ arguments: String...) async throws
            -> CommandOutput
        {
            try await lab.run(
                // As much as any run needs; before, one node took 4 GB.
                ["bash", "-c", "ulimit -c 0; ulimit -v 3000000; exec \"$@\"", "bash", LabFixture.haops]
                    + pair.commandLine(verb, arguments))
        }

        @Test(.timeLimit(.minutes(5)))
        func `an endless answer is unknown and the others are heard`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await pair.files(of: "lb1")
            let addresses = "    inet 203.0.113.50/24 scope global eth1"
            try await replacing("ip", by: "exec yes '\(addresses)'") {
                for transport in ["libssh2", "openssh"] {
                    let output = try await limited(
                        pair, "who", "-o", "json", "--transport", transport, "--command-timeout", "200")
                    let who = try WhoAnswer(output)
                    #expect(who.exit == .code(4), "\(transport): \(output.everything)")
                    #expect(who.vips.first?.node("lb2")?.reachable == false)
                    #expect(who.vips.first?.node("lb1")?.holds == true)
                    #expect(
                        output.errorText.contains("`lb2`: cannot read facts: it printed more than 8 MiB"),
                        "\(output.errorText)")
                }
                let apply = try await limited(try pair.harmlesslyChanged(), "apply", "--yes")
                #expect(apply.status == .code(4), "\(apply.everything)")
            }
            #expect(try await pair.files(of: "lb1") == before)
            let exec = try await limited(
                pair, "exec", "--limit", "lb2", "--command-timeout", "200", "--", "yes")
            #expect(exec.status == .code(6), "\(exec.status)")
            #expect(exec.text.contains("cut off after 8 MiB") && exec.stdout.count > 8_000_000)
            try await pair.isWell()
        }

        /// What keepalived's dump would be, 60 bytes a line: once minutes of work. Two facts ask for the date.
        @Test(.timeLimit(.minutes(5)))
        func `a long dump stops no run`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let dump = """
                case "$*" in +%s) echo 1; echo dump=keepalived.json
                yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx | head -n 30000
                echo dump-end=keepalived.json; exit;; esac
                exec "$0.real" "$@"
                """
            try await replacing("date", by: dump) {
                let who = try WhoAnswer(try await limited(pair, "who", "-o", "json"))
                #expect(who.verdicts == ["owned by lb1", "owned by lb1"])
                // The first Ctrl-C ends a run that looks, also while it reads such an answer.
                let progress = try lab.scratch("dump.err", "")
                let interrupted = try await lab.run(
                    [
                        "bash", "-c",
                        "\"$@\" -v >/dev/null 2>'\(progress)' & pid=$!; until [ -s '\(progress)' ]; do sleep 0.01; done; kill -TERM $pid; wait $pid",
                        "bash", LabFixture.haops,
                    ] + pair.commandLine("who", []))
                #expect(interrupted.status == .code(130), "\(interrupted.everything)")
            }
        }
    }
}
