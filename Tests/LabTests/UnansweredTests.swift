import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That nothing is concluded from what was not answered: by a node that is silent, or because nobody waited.
    @Suite struct UnansweredTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// Runs a verb until a shell script succeeds in the operator's network, then interrupts it.
        private func interrupted(
            _ words: [String], of pair: ManagedPair, once seen: String
        ) async throws -> CommandOutput {
            try await lab.run(
                [
                    "bash", "-c",
                    """
                    "$@" & pid=$!
                    until \(seen); do kill -0 $pid 2>/dev/null || break; sleep 0.02; done
                    kill -INT $pid
                    wait $pid
                    """, "bash", LabFixture.haops,
                ] + pair.commandLine(words[0], Array(words.dropFirst())), limit: .seconds(60))
        }

        private func expectEnded(
            _ output: CommandOutput, _ verb: [String], sourceLocation: SourceLocation = #_sourceLocation
        ) {
            let said = "\(verb): \(output.everything)"
            #expect(output.status == .code(130), "\(said)", sourceLocation: sourceLocation)
            // The others may not have answered yet either.
            #expect(
                output.said.contains(
                    #/interrupted: .*lb(2|\[1-2\]) had not answered, and nothing was changed/#),
                "\(said)", sourceLocation: sourceLocation)
            for word in [
                "lock the cluster", "no node holds", "in this order", "nothing to do", "did not answer",
            ] {
                #expect(!output.said.contains(word), "\(said)", sourceLocation: sourceLocation)
            }
        }

        @Test func `while the owner's sshd is stopped nothing is said of its addresses`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            let before = try await pair.traces(of: "lb2")
            try await lab.fault("sshd-stopped", "lb1")
            for words in [
                ["plan"], ["apply", "--yes"], ["restart", "--yes"], ["rollback", "--yes"],
                ["switchover", "--to", "lb2", "--yes"], ["fix", "--yes"], ["status"], ["who"], ["doctor"],
            ] {
                let output = try await changed.haops(
                    words[0], Array(words.dropFirst()) + ["--connect-timeout", "2"])
                let said = "\(words): \(output.everything)"
                // Doctor has findings of its own; everybody else says that an answer is missing.
                #expect(output.status == .code(4) || words == ["doctor"], "\(said)")
                for word in [
                    "nobody but", "no node holds", "unowned", "lock the cluster",
                    "in this order",
                ] {
                    #expect(!output.said.contains(word), "\(word) in \(said)")
                }
                #expect(output.said.contains("lb1"), "\(said)")
            }
            #expect(try await pair.traces(of: "lb2") == before)
            try await lab.heal("sshd-stopped", "lb1")
            try await pair.isWell()
        }

        @Test func `whoever is interrupted while a node is frozen has no answer and no plan`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            try await lab.fault("frozen", "lb2")
            let asked = "ss -Htn state established dst 198.51.100.12 | grep -q ."
            for words in [
                ["plan"], ["apply", "--yes"], ["restart", "--yes"], ["rollback", "--yes"],
                ["switchover", "--to", "lb2", "--yes"], ["fix", "--yes"], ["status"], ["who"], ["doctor"],
            ] {
                expectEnded(try await interrupted(words, of: changed, once: asked), words)
            }
            try await lab.heal("frozen", "lb2")
            try await pair.isWell()
        }

        /// The first questions are answered, and the one about who owns what is not.
        @Test(arguments: [["plan"], ["apply", "--yes"]])
        func `a plan is not made of half the answers`(words: [String]) async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            let slow = """
                #!/bin/sh
                case "$*" in *neigh*) touch /run/asked; sleep 8;; esac
                exec /usr/sbin/ip "$@"

                """
            try await lab.put(slow, at: "/usr/local/bin/ip", on: "lb2", mode: "755")
            let console = "'\(LabFixture.project)/lab/lab' --name '\(lab.name)' console lb2"
            let output = try await interrupted(words, of: changed, once: "\(console) test -e /run/asked")
            _ = try await lab.console("lb2", "rm -f /usr/local/bin/ip /run/asked")
            expectEnded(output, words)
            try await pair.isWell()
        }
    }
}
