import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Changes that a person confirms: `apply --confirm`, `confirm`, `confirm --revert`, and what becomes of them alone.
    @Suite struct ConfirmTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// A pair with a change that waits, and the inventory that has it.
        private func held(
            _ patience: String = "10m"
        ) async throws -> (before: ManagedPair, changed: ManagedPair, old: [String]) {
            let pair = try await ManagedPair.ready(on: lab)
            var old: [String] = []
            for node in ManagedPair.nodes { old.append(try await pair.files(of: node)) }
            let changed = try pair.harmlesslyChanged()
            let applied = try await changed.expect(0, "apply", "--yes", "--confirm", patience)
            #expect(applied.text.contains("goes back by itself in"), "\(applied.everything)")
            return (pair, changed, old)
        }

        private func expect(_ files: [String], _ pair: ManagedPair) async throws {
            for (node, files) in zip(ManagedPair.nodes, files) {
                #expect(try await pair.files(of: node) == files, "\(node)")
            }
        }

        @Test func `what waits is shown by every verb, is changed by none, and is kept by anybody`()
            async throws
        {
            let (before, changed, old) = try await held()
            for verb in ["who", "status", "plan", "doctor"] {
                let shown = try await changed.haops(verb, [])
                #expect(
                    shown.text.replacing("\n", with: " ").contains("waits for haops confirm"),
                    "\(verb): \(shown.everything)")
            }
            let asked = try await changed.expect(0, "confirm", "--dry-run")
            #expect(
                asked.text.contains("goes back in ") && asked.text.contains(" min (run "), "\(asked.text)")
            for refused in [
                ["apply", "--yes"], ["restart", "haproxy", "--yes"], ["switchover", "--to", "lb2", "--yes"],
                ["drill", "stop", "--node", "lb2", "--yes"],
            ] {
                let output = try await before.haops(refused[0], Array(refused.dropFirst()))
                #expect(output.status == .code(3), "\(refused): \(output.everything)")
                #expect(
                    output.said.replacing("\n", with: " ").contains("haops confirm"), "\(output.everything)")
            }
            // Somebody else, who has no inventory at all.
            let nodes = try await before.haops(
                "confirm", ["--nodes", "root@lb1,root@lb2", "--yes", "-o", "json"])
            #expect(nodes.status == .code(0), "\(nodes.everything)")
            for node in ManagedPair.nodes {
                #expect(try await changed.pending(on: node) == "")
                let left = try await lab.console(node, "find /etc -name '.*haops*'")
                #expect(left.text == "", "second names are left")
            }
            let again = try await changed.expect(0, "confirm", "--yes")
            #expect(again.text == "nothing waits for confirmation\n")
            try await changed.expect(0, "plan", "--detailed-exitcode")
            let history = try await changed.expect(0, "history")
            #expect(history.text.contains("apply"), "\(history.text)")
            #expect(try await changed.files(of: "lb1") != old[0])
            try await changed.isWell()
        }

        @Test func `it is taken back at once and without a lost ping`() async throws {
            let (before, changed, old) = try await held()
            let pings = try await Pings.countedAgainIfOneWasLost(
                from: "client", to: ManagedPair.vip, on: lab
            ) {
                guard try await changed.files(of: "lb1") != old[0] else { return }
                try await changed.expect(0, "confirm", "--revert", "--yes")
            }
            #expect(pings.lost == 0, "\(pings)")
            try await expect(old, before)
            for node in ManagedPair.nodes { #expect(try await before.pending(on: node) == "") }
            try await before.expect(0, "plan", "--detailed-exitcode")
            let again = try await before.expect(0, "confirm", "--revert", "--yes")
            #expect(again.text == "nothing waits for confirmation\n")
        }

        @Test func `it goes back by itself, one node after the other, when nobody confirms it`() async throws
        {
            let (before, _, old) = try await held()
            // The node that was changed last is due first.
            let due = try await ManagedPair.nodes.asyncMap { node in
                Int(
                    try await lab.console(node, "cut -d ' ' -f 2 /var/lib/haops/armed/when").text.filter(
                        \.isNumber))
            }
            let (lb1, lb2) = (try #require(due[0]), try #require(due[1]))
            #expect(lb2 - lb1 > 30, "two nodes of a cluster never go back at once: \(due)")
            let pings = try await Pings.countedAgainIfOneWasLost(
                from: "client", to: ManagedPair.vip, on: lab
            ) {
                for node in ManagedPair.nodes { try await before.expire("haops-revert-", on: node) }
            }
            #expect(pings.lost == 0, "\(pings)")
            try await expect(old, before)
            try await before.isWell()
            try await before.expect(0, "apply", "--yes")
            for node in ManagedPair.nodes { #expect(try await before.pending(on: node) == "") }
        }

        @Test(.onlyInSweeps) func `a node that reboots goes back, and then only all of them can`()
            async throws
        {
            let (before, changed, old) = try await held()
            try await lab.reboot("lb2")
            #expect(try await before.files(of: "lb2") == old[1])
            let refused = try await changed.expect(3, "confirm", "--yes")
            #expect(refused.said.contains("rolled back already"), "\(refused.everything)")
            try await before.isWell()
            try await changed.expect(0, "confirm", "--revert", "--yes")
            try await expect(old, before)
            for node in ManagedPair.nodes { #expect(try await before.pending(on: node) == "") }
        }

        @Test func `a cluster that is not well is not confirmed unless somebody insists`() async throws {
            let (_, changed, old) = try await held()
            try await lab.fault("haproxy-stopped", "lb2")
            let refused = try await changed.expect(3, "confirm", "--yes")
            #expect(refused.said.contains("haproxy"), "\(refused.everything)")
            #expect(refused.said.contains("haops confirm --revert"), "\(refused.everything)")
            for node in ManagedPair.nodes {
                #expect(
                    try await changed.pending(on: node).hasPrefix("armed\n"), "still scheduled on \(node)")
            }
            try await changed.expect(0, "confirm", "--yes", "--accept-problems")
            for node in ManagedPair.nodes { #expect(try await changed.pending(on: node) == "") }
            #expect(try await changed.files(of: "lb1") != old[0])
            try await lab.heal("haproxy-stopped", "lb2")
        }
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
