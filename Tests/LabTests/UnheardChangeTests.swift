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
            for node in ManagedPair.nodes {
                let armed = try await lab.console(node, "cat /var/lib/haops/armed/when")
                #expect(armed.text.isEmpty, "\(moment): \(node) goes back by itself")
            }
        }

        @Test func aReaderThatGoesAwayEndsNoChange() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            try await expectDone(
                changed,
                try await run(
                    "apply", of: changed,
                    in: "\"$@\" 2>&1 | sed '/^lb2: replace/q' >/dev/null; exit ${PIPESTATUS[0]}"),
                "cut behind a line")
            try await expectDone(
                changed,
                try await run("restart", of: changed, in: "\"$@\" 2>&1 | true; exit ${PIPESTATUS[0]}"),
                "never read")
        }

        /// As from a terminal that was closed: it says so again and again, and takes no word.
        @Test func underNohupAChangeOutlivesItsTerminal() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            try await expectDone(
                changed,
                try await run(
                    "apply", of: changed,
                    in: """
                        nohup "$@" >/dev/full 2>/dev/full & pid=$!
                        while kill -HUP $pid 2>/dev/null; do sleep 0.1; done
                        wait $pid
                        """),
                "nohup on a full disk")
        }

        @Test func aTerminalThatGoesAwayStopsAChangeBetweenNodes() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            let progress = try lab.scratch("hangup.err", "")
            let output = try await run(
                "apply", of: changed,
                in: """
                    "$@" >/dev/full 2>'\(progress)' & pid=$!
                    until grep -q 'lb2: replace' '\(progress)' || ! kill -0 $pid 2>/dev/null; do sleep 0.01; done
                    while kill -HUP $pid 2>/dev/null; do sleep 0.1; done
                    wait $pid; status=$?
                    cat '\(progress)'
                    exit $status
                    """)
            #expect(output.status == .code(130), "\(output.everything)")
            #expect(output.text.contains("stopping after this step"), "\(output.everything)")
            try await pair.isWell()
            for node in ManagedPair.nodes {
                let armed = try await lab.console(node, "cat /var/lib/haops/armed/when")
                #expect(armed.text.isEmpty, "\(node) goes back by itself: \(output.everything)")
            }
            try await changed.expect(0, "apply", "--yes")
        }

        /// A pager that nobody scrolls, a terminal after Ctrl-S: the pipe is full before the first word.
        @Test func aReaderThatStallsHoldsUpNoChange() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            let pipe = try lab.scratch("stalled", "")
            let plan = ([LabFixture.haops] + changed.commandLine("plan", ["--detailed-exitcode", "-q"]))
                .map(\.shellQuoted).joined(separator: " ")
            try await expectDone(
                changed,
                try await run(
                    "apply", of: changed,
                    in: """
                        rm -f '\(pipe)'; mkfifo '\(pipe)'; exec 3<>'\(pipe)'
                        head -c 65536 /dev/zero >&3
                        "$@" >&3 2>&3 3>&- & pid=$!
                        until \(plan) >/dev/null 2>&1 3>&-; do
                            kill -0 $pid || exit 99
                            sleep 0.3
                        done
                        cat <&3 >/dev/null 3>&- & reader=$!
                        wait $pid; status=$?
                        kill $reader
                        exit $status
                        """),
                "a full pipe")
        }
    }
}
