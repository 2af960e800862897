import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// A change does not depend on who reads what it says: it ends as it would, with the exit code that it would have.
    @Suite struct UnheardChangeTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// Runs a verb in a shell script, in which it stands as `"$@"`.
        private func run(_ verb: String, of pair: ManagedPair, in script: String) async throws
            -> CommandOutput
        {
            try await lab.run(
                ["bash", "-c", script, "bash", LabFixture.haops] + pair.commandLine(verb, ["--yes"]),
                limit: .seconds(150))
        }

        private func expectDone(_ pair: ManagedPair, _ output: CommandOutput, _ moment: String) async throws {
            #expect(output.status == .code(0), "\(moment): \(output.everything)")
            try await pair.isWell()
            try await pair.expect(0, "plan", "--detailed-exitcode")
            try await expectNothingArmed(moment)
        }

        private func expectNothingArmed(_ moment: String) async throws {
            for node in ManagedPair.nodes {
                let armed = try await lab.console(node, "cat /var/lib/haops/armed/when")
                #expect(armed.text.isEmpty, "\(moment): \(node) goes back by itself")
            }
        }

        /// One run after the other, each to the set that is not in force: what takes time is the daemons' restarts.
        @Test func `whoever reads it a change ends as it would`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            try await expectDone(
                changed,
                try await run(
                    "apply", of: changed,
                    in: "\"$@\" 2>&1 | sed '/^lb2: replace/q' >/dev/null; exit ${PIPESTATUS[0]}"),
                "a reader that goes away")
            try await expectDone(
                pair, try await run("rollback", of: changed, in: "exec \"$@\" >/dev/full 2>/dev/full"),
                "a full disk")
            try await expectDone(
                changed, try await stalled(changed), "nohup, and a pager that nobody scrolls")
            try await hangUp(pair)
            try await expectDone(pair, try await pair.haops("apply", "--yes"), "run again after a hangup")
        }

        /// Applies under nohup, while the terminal says again and again that it is gone, into a pipe that is full before
        /// the first word; it is read once nothing is left to be done.
        private func stalled(_ pair: ManagedPair) async throws -> CommandOutput {
            let pipe = try lab.scratch("stalled", "")
            let plan = ([LabFixture.haops] + pair.commandLine("plan", ["--detailed-exitcode", "-q"]))
                .map(\.shellQuoted).joined(separator: " ")
            return try await run(
                "apply", of: pair,
                in: """
                    rm -f '\(pipe)'; mkfifo '\(pipe)'; exec 3<>'\(pipe)'; rm -f '\(pipe)'
                    head -c 65536 /dev/zero >&3
                    nohup "$@" >&3 2>&3 3>&- & pid=$!
                    until \(plan) >/dev/null 2>&1 3>&-; do
                        kill -HUP $pid || exit 99
                        sleep 1
                    done
                    cat <&3 >/dev/null 3>&- & reader=$!
                    wait $pid; status=$?
                    kill $reader
                    exit $status
                    """)
        }

        /// Applies until the first node is under way, when its terminal goes away, and its disk is full.
        private func hangUp(_ pair: ManagedPair) async throws {
            let progress = try lab.scratch("hangup.err", "")
            let output = try await run(
                "apply", of: pair,
                in: """
                    "$@" >/dev/full 2>'\(progress)' & pid=$!
                    until grep -q 'lb2: replace' '\(progress)' || ! kill -0 $pid; do sleep 0.01; done
                    while kill -HUP $pid 2>/dev/null; do sleep 0.1; done
                    wait $pid; status=$?
                    cat '\(progress)'
                    exit $status
                    """)
            #expect(output.status == .code(130), "\(output.everything)")
            #expect(output.text.contains("stopping after this step"), "\(output.everything)")
            try await pair.isWell()
            try await expectNothingArmed("\(output.everything)")
        }
    }
}
