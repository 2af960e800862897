import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// What a run leaves behind to be read: the file of `--events`, and the journals on the nodes.
    @Suite struct HistoryTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private struct History: Decodable {
            struct Run: Decodable {
                struct Node: Decodable {
                    struct Step: Decodable { var event: String }
                    var node: String
                    var fate: String
                    var seconds: Int?
                    var steps: [Step]?
                }
                var run: String
                var names: [String]
                var who: String
                var from: [String]
                var what: String
                var outcome: String
                var reasons: [String]
                var nodes: [Node]
            }
            struct Journal: Decodable {
                var node: String
                var unreadable_lines: [String]
            }
            var runs: [Run]
            var complete: Bool
            var unreachable: [String]
            var journals: [Journal]
        }

        private func history(_ pair: ManagedPair, _ code: Int, _ arguments: String...) async throws -> History
        {
            let output = try await pair.haops("history", ["-o", "json"] + arguments)
            #expect(output.status == .code(code), "\(output.everything)")
            return try JSONDecoder().decode(History.self, from: Data(output.stdout))
        }

        @Test func `an apply and a restart that fails are told by their events and by the journals`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            let file = try lab.scratch("events.jsonl", "")
            try FileManager.default.removeItem(atPath: file)
            try await changed.expect(0, "apply", "--yes", "--events", file)
            let applied = try EventLine.all(in: file)
            let run = try #require(applied.first?.run)
            let ownPart = String(try #require(run.split(separator: "-").last))
            #expect(applied.allSatisfy { $0.run == run && $0.verb == "apply" })
            #expect(applied.first?.stage == "run" && applied.last?.stage == "run")
            #expect(applied.last?.message.hasPrefix("exit 0") == true)
            for node in ManagedPair.nodes {
                for stage in ["stage", "validate", "change", "verify", "confirm", "clean"] {
                    let own = applied.filter { $0.node == node && $0.stage == stage }
                    #expect(own.map(\.phase) == ["begins", "ends"], "\(node) \(stage)")
                    #expect(own.last?.duration_ms != nil && own.last?.cluster == "web", "\(node) \(stage)")
                }
            }
            // haproxy of lb2 does not restart, once.
            let dropIn = "/etc/systemd/system/haproxy.service.d"
            _ = try await lab.console(
                "lb2",
                """
                mkdir -p \(dropIn)
                printf '[Service]\\nExecStartPre=/bin/sh -c "[ -e /run/failed-once ] || { touch /run/failed-once; exit 1; }"\\n' >\(dropIn)/fails.conf
                systemctl daemon-reload
                """)
            let restart = try await changed.haops("restart", "haproxy", "--yes", "--events", file)
            _ = try await lab.console(
                "lb2", "rm -r \(dropIn) /run/failed-once; systemctl daemon-reload; systemctl start haproxy")
            #expect(restart.status == .code(1), "\(restart.everything)")
            let failed = try EventLine.all(in: file).drop { $0.run == run }
            #expect(failed.contains { $0.node == "lb2" && $0.stage == "change" && $0.phase == "fails" })
            #expect(failed.last?.phase == "fails" && failed.last?.message.hasPrefix("exit 1") == true)

            let past = try await history(changed, 0)
            #expect(past.complete && past.runs.count >= 2)
            let (second, first) = (past.runs[0], past.runs[1])
            #expect(first.run == ownPart && first.what == "apply" && first.outcome == "done")
            #expect(first.nodes.map(\.fate) == ["changed", "changed"])
            #expect(first.nodes.allSatisfy { $0.seconds != nil } && first.who.contains("@"))
            #expect(first.from.count == 1)
            #expect(second.what == "restart haproxy" && second.outcome == "failed")
            #expect(second.nodes.first { $0.node == "lb2" }?.fate == "restored", "\(second)")
            #expect(second.reasons.contains { $0.contains("haproxy") }, "\(second)")

            let steps = try await history(changed, 0, first.names[0]).runs
            #expect(steps.count == 1)
            let events = steps.first?.nodes.first?.steps?.map(\.event) ?? []
            #expect(events.contains("confirmed") && events.last == "finished: changed; run done", "\(events)")
            let shown = try await changed.expect(0, "history", String(ownPart.dropLast()))
            #expect(shown.text.contains("verified; automatic rollback cancelled"), "\(shown.text)")
            try await changed.expect(64, "history", "nothing-like-it")
            try await changed.isWell()
        }

        @Test func `a line that is none is told, and a silent node makes the history incomplete`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let journal = "/var/lib/haops/journal"
            _ = try await lab.console(
                "lb1", "cp \(journal) /tmp/journal && echo 'cut off in the mid' >>\(journal)")
            let broken = try await history(pair, 0)
            #expect(broken.journals.first { $0.node == "lb1" }?.unreadable_lines.count == 1)
            _ = try await lab.console("lb1", "mv /tmp/journal \(journal)")
            try await lab.fault("frozen", "lb2")
            let silent = try await history(pair, 4, "--connect-timeout", "2")
            #expect(!silent.complete && silent.unreachable == ["lb2"] && !silent.runs.isEmpty)
            try await lab.healAll()
            try await pair.isWell()
        }
    }
}
