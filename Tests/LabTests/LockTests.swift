import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Locks of operators who are gone, and what every verb says while something is pending.
    @Suite struct LockTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// A controller that is stopped says nothing and closes nothing, as one whose power has gone.
        @Test func `the lock of a vanished controller is in every answer and can be broken`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            let others = try lab.scratch("others.out", "")
            let verbs = ["who", "status", "plan --detailed-exitcode", "apply --yes", "fix --yes"].map {
                verb in
                let words = verb.split(separator: " ").map(String.init)
                let line = ([LabFixture.haops] + changed.commandLine(words[0], Array(words.dropFirst())))
                    .map(\.shellQuoted).joined(separator: " ")
                return "echo '# \(verb)'; \(line); echo \"= $?\""
            }.joined(separator: "\n")
            let unlock = ([LabFixture.haops] + changed.commandLine("unlock", ["--yes"]))
                .map(\.shellQuoted).joined(separator: " ")
            let apply = ([LabFixture.haops] + changed.commandLine("apply", ["--yes"]))
                .map(\.shellQuoted).joined(separator: " ")
            let stopped = try await changed.run(
                "apply", until: "lb2: verify",
                then: """
                    kill -STOP $pid
                    { \(verbs)
                    echo '# unlock'; \(unlock); echo "= $?"
                    echo '# apply again'; \(apply); echo "= $?"; } >'\(others)' 2>&1
                    kill -CONT $pid
                    """)
            let said = try String(contentsOfFile: others, encoding: .utf8)
            let answers = said.split(separator: "# ").map(String.init)
            try #require(answers.count == 7, "\(said)")
            for answer in answers.prefix(5) {
                #expect(answer.contains("locked by"), "\(answer)")
                #expect(
                    answer.contains("an automatic rollback is scheduled") || answer.contains("--yes"),
                    "\(answer)")
            }
            #expect(answers[2].contains("= 2"), "\(answers[2])")
            #expect(answers[3].contains("= 3") && answers[4].contains("= 3"), "\(answers[3...4])")
            // Where nothing was changed yet, the lease may have ended by itself.
            #expect(answers[5].contains("lb2: unlocked") && answers[5].contains("= 0"), "\(answers[5])")
            // It finishes what the other one had begun.
            #expect(answers[6].contains("= 0"), "\(answers[6])")
            // Who wakes up after that changes nothing more.
            #expect(stopped.status == .code(1) || stopped.status == .code(3), "\(stopped.everything)")
            try await changed.isWell()
            for node in ManagedPair.nodes { #expect(try await pair.pending(on: node) == "", "\(node)") }
            try await changed.expect(0, "plan", "--detailed-exitcode")
        }

        @Test func `the lease of a vanished controller ends by itself`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            // Nothing is armed yet: the lock ends when its lease is over.
            let stopped = try await changed.run(
                "apply", until: "lb2: validate",
                then: """
                    kill -STOP $pid
                    for n in $(seq 600); do
                      '\(LabFixture.project)/lab/lab' --name '\(lab.name)' console lb2 test -e /run/haops/owner || break
                      sleep 0.1
                    done
                    kill -CONT $pid
                    """)
            // Its lock is gone, and so it changes nothing; a connection that it was about to make is gone as well.
            #expect([1, 3, 4].map { ExitStatus.code($0) }.contains(stopped.status), "\(stopped.everything)")
            #expect(!stopped.text.contains("lb2: verify"), "\(stopped.everything)")
            try await pair.expect(0, "plan", "--detailed-exitcode")
            try await pair.isWell()
        }

        @Test func `with no lock there is nothing to break`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let output = try await pair.expect(0, "unlock", "--yes")
            #expect(output.text.contains("no node is locked"))
        }
    }
}
