import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Two owners, leftovers and lies about them: seen for what they are, and ended when that helps.
    @Suite struct FixTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private let split = ["split-brain by lb1+lb2", "split-brain by lb1+lb2"]
        private let orphaned = ["orphan by lb1+lb2", "orphan by lb1+lb2"]

        @Test(arguments: ["vrrp-input-dropped", "multicast-lost"])
        func `a split-brain is not fixed while its cause is there and is once it is gone`(fault: String)
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            try await lab.fault(fault, "lb2")
            try await pair.eventually(split, exit: 5)
            let before = [try await pair.traces(of: "lb1"), try await pair.traces(of: "lb2")]
            let refused = try await pair.expect(3, "fix", "--yes")
            #expect(refused.said.contains("`lb2`"), "\(refused.everything)")
            #expect([try await pair.traces(of: "lb1"), try await pair.traces(of: "lb2")] == before)
            #expect(try await pair.who().verdicts == split)

            try await lab.heal(fault, "lb2")
            try await pair.expect(0, "fix", "--yes")
            let who = try await pair.who()
            #expect(who.verdicts == ["owned by lb1", "owned by lb1"] && who.exit == .code(0))
            try await pair.isWell()
        }

        @Test func `an address left behind is an orphan and fix clears it`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            // Both of its processes: nobody is left to take the addresses down.
            try await lab.fault("keepalived-killed", "lb1")
            let seen = try await pair.eventually(orphaned, exit: 5)
            #expect(seen.vips.first?.node("lb1")?.keepalived == "stopped")
            let done = try await pair.expect(0, "fix", "--yes")
            // lb1 is preferred, and nothing keeps it from taking them back.
            #expect(
                done.said.contains(#/VI_1 goes from lb2 to lb1 about .* after its start/#),
                "\(done.everything)")
            #expect(done.text.contains("`VI_1` is owned by"), "\(done.everything)")
            let who = try await pair.who()
            #expect(who.exit == .code(0) && who.vips.allSatisfy { $0.owners.count == 1 }, "\(who.verdicts)")
            #expect(who.vips.allSatisfy { $0.node("lb1")?.keepalived == "running" })
            try await lab.eventually(ManagedPair.answers, on: "client")
            try await pair.isWell()
        }

        @Test func `what an observer believes wrongly is seen and corrected`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let wrong = """
                mac=$(ping -c1 -W1 203.0.113.12 >/dev/null; ip -o neigh show 203.0.113.12 dev eth1 | \
                sed 's/.*lladdr \\([^ ]*\\).*/\\1/')
                ip neigh replace \(ManagedPair.vip) lladdr "$mac" dev eth1 nud stale
                """
            try await lab.eventually(wrong, on: "client")
            let seen = try await pair.who()
            #expect(seen.verdicts == ["stale-arp by lb1", "owned by lb1"] && seen.exit == .code(5))
            #expect(seen.vips.first?.arp.contains { $0.observer == "client" && $0.node == "lb2" } == true)
            try await pair.expect(0, "fix", "--yes")
            try await pair.isWell()
        }

        @Test func `a healthy pair is left alone`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = [try await pair.traces(of: "lb1"), try await pair.traces(of: "lb2")]
            try await pair.expect(0, "fix", "--yes")
            #expect([try await pair.traces(of: "lb1"), try await pair.traces(of: "lb2")] == before)
        }
    }
}
