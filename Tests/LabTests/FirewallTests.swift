import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Nodes whose own firewall drops what it does not know.
    @Suite struct FirewallTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        @Test(arguments: Sweep.part(of: ClosedFilter.allCases.reversed(), every: 3))
        func `apply lets VRRP pass and it stays so over a reboot`(filter: ClosedFilter) async throws {
            try await lab.reset()
            for node in ManagedPair.nodes { try await filter.close(node, of: lab) }
            let pair = try ManagedPair(lab: lab).quick()
            try await pair.expect(0, "apply", "--yes")
            try await pair.isWell()
            #expect(try await lab.console("client", "ping -c1 -W1 \(ManagedPair.vip)").status == .code(0))
            #expect(try await pair.who().vips.first?.node("lb2")?.claims == "BACKUP")
            let again = try await pair.expect(0, "apply", "--yes")
            #expect(again.text.contains("nothing to do"), "\(again.everything)")

            try await lab.reboot("lb2")
            try await lab.eventually("systemctl is-active --quiet keepalived && \(filter.accepts)", on: "lb2")
            try await lab.eventually("lb2 to hear lb1", within: .seconds(30)) {
                try await pair.who().vips.first?.node("lb2")?.claims == "BACKUP" ? true : nil
            }
            try await pair.isWell()
            try await pair.expect(0, "plan", "--detailed-exitcode")
            try await lab.reset()
        }
    }
}
