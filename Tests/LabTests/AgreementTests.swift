import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Changes that all nodes have to agree on while they serve: one node alone would not hear the others any more.
    @Suite struct AgreementTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// Applies `changed`, goes back, and expects that a client of the VIP notices neither.
        private func thereAndBack(
            _ pair: ManagedPair, _ changed: ManagedPair, owner: String = "lb1", addresses: Int = 2,
            mayMiss: Int, _ look: () async throws -> Void = {}
        ) async throws {
            let pings = try await Pings.counted(from: "client", to: ManagedPair.vip, on: lab) {
                try await changed.expect(0, "apply", "--yes")
                try await changed.eventually(
                    [String](repeating: "owned by \(owner)", count: addresses), exit: 0)
                try await look()
                try await changed.expect(0, "plan", "--detailed-exitcode")
                // The inventory at hand is still the new one: what it has and the old set has not is not missed.
                try await changed.expect(0, "rollback", "--yes")
            }
            print("\(changed.inventory): \(pings)")
            #expect(pings.longestGap <= mayMiss, "\(pings)")
            try await pair.isWell()
            try await pair.expect(0, "plan", "--detailed-exitcode")
        }

        @Test func `an address and a port that are new come while the old ones serve`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.changed(
                (
                    "            - { vip: 203.0.113.51/24, interface: eth1 }\n",
                    """
                                - { vip: 203.0.113.51/24, interface: eth1 }
                                - { vip: 203.0.113.52/24, interface: eth1 }

                    """
                ), ("bind: [\"203.0.113.50:80\"", "bind: [\"203.0.113.52:8080\", \"203.0.113.50:80\""))
            try await thereAndBack(pair, changed, addresses: 3, mayMiss: 1) {
                try await lab.eventually(
                    "curl -s --max-time 1 http://203.0.113.52:8080/ | grep -q ^web", on: "client")
            }
        }

        @Test func `a priority that is raised moves the addresses and nothing else`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.changed(("priority: 100 }", "priority: 200 }"))
            try await thereAndBack(pair, changed, owner: "lb2", mayMiss: 1)
        }

        @Test func `another router id is taken up by all nodes at once`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.changed(("router_id: 51", "router_id: 61"))
            let planned = try await changed.haops("plan", "--detailed-exitcode")
            #expect(planned.said.contains("together with the others"), "\(planned.everything)")
            // Both begin anew and wait a master-down time: 0.7 s here, 60 pings and the reload itself.
            try await thereAndBack(pair, changed, mayMiss: 200)
        }

        @Test(.onlyInSweeps) func `one node that cannot take it up leaves all as they were`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = [try await pair.files(of: "lb1"), try await pair.files(of: "lb2")]
            let changed = try pair.changed(("router_id: 51", "router_id: 61"))
            // keepalived's test accepts it, and then it cannot be told.
            let unit = "/run/systemd/system/keepalived.service.d/deaf.conf"
            try await lab.put("[Service]\nExecReload=\nExecReload=/bin/false\n", at: unit, on: "lb2")
            try await lab.eventually("systemctl daemon-reload", on: "lb2")
            let output = try await changed.haops("apply", "--yes")
            #expect(output.status == .code(1), "\(output.everything)")
            #expect(output.said.contains("`lb2`"), "\(output.everything)")
            try await lab.eventually("rm '\(unit)' && systemctl daemon-reload", on: "lb2")
            #expect([try await pair.files(of: "lb1"), try await pair.files(of: "lb2")] == before)
            try await pair.isWell()
        }
    }
}
