import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That each fault breaks what it says, and its healing gives back a pair that is well.
    @Suite struct FaultTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        struct Breakage: CustomTestStringConvertible, Sendable {
            var fault: String
            var node = "lb1"
            /// Shell scripts that succeed, each on its machine, while the fault is there.
            var seen: [(place: String, script: String)]
            /// What the operator does after the healing: these daemons are started by hand.
            var afterwards: String?
            var testDescription: String { "\(fault) on \(node)" }
        }

        private static let noKeepalived = "! pgrep -x keepalived"
        private static let silent = "! ( \(HandMadePair.answers) )"
        private static let moved = [("lb1", HandMadePair.holdsNot), ("lb2", HandMadePair.holds)]
        private static let split = [("lb1", HandMadePair.holds), ("lb2", HandMadePair.holds)]
        private static func carrier(_ card: String, _ value: Int) -> (String, String) {
            ("lb1", "ip -o link show dev \(card) | grep -q\(value == 1 ? "v" : "") NO-CARRIER")
        }

        static let breakages = [
            Breakage(fault: "keepalived-stopped", seen: [("lb1", noKeepalived)] + moved),
            Breakage(fault: "keepalived-killed-parent", seen: [("lb1", noKeepalived)] + moved),
            Breakage(
                fault: "keepalived-killed-child",
                seen: [("lb1", "journalctl -u keepalived | grep -q 'Respawning'")]),
            Breakage(fault: "keepalived-killed", seen: [("lb1", noKeepalived)] + split),
            Breakage(fault: "haproxy-stopped", seen: [("lb1", HandMadePair.holds), ("client", silent)]),
            Breakage(
                fault: "haproxy-killed",
                seen: [("lb1", "journalctl -u haproxy | grep -q 'status=9/KILL'")]),
            Breakage(fault: "interface-down", seen: moved),
            Breakage(
                fault: "interface-down:eth0", seen: moved + [("client", "! ping -c1 -W1 198.51.100.11")]),
            Breakage(fault: "cut-off", seen: moved + [carrier("eth0", 0), carrier("eth1", 0)]),
            Breakage(fault: "cut-off:adverts", seen: moved + [carrier("eth0", 0), carrier("eth1", 1)]),
            Breakage(fault: "cut-off:service", seen: moved + [carrier("eth0", 1), carrier("eth1", 0)]),
            Breakage(
                fault: "partitioned",
                seen: split + [
                    carrier("eth0", 1), carrier("eth1", 1), ("client", "! ping -c1 -W1 198.51.100.11"),
                ]),
            Breakage(
                fault: "partitioned:service",
                seen: [("lb1", HandMadePair.holds), ("lb2", HandMadePair.holdsNot), ("client", silent)]),
            Breakage(
                fault: "partitioned:adverts",
                seen: split + [("client", "ping -c1 -W1 203.0.113.11")]),
            // By itself it parts nobody: it takes two.
            Breakage(
                fault: "isolated",
                seen: [("lb1", "ping -c1 -W1 198.51.100.12"), ("client", "ping -c1 -W1 198.51.100.11")]),
            Breakage(
                fault: "multicast-lost", node: "lb2", seen: split + [("lb1", "ping -c1 -W1 198.51.100.12")]),
            Breakage(
                fault: "vrrp-lost", node: "lb2", seen: split + [("lb1", "ping -c1 -W1 198.51.100.12")]),
            Breakage(fault: "vrrp-input-dropped", node: "lb2", seen: split),
            Breakage(fault: "vrrp-output-dropped", seen: split),
            Breakage(fault: "vrrp-xdp-dropped", node: "lb2", seen: split),
            Breakage(fault: "vrrp-tcx-dropped", node: "lb2", seen: split),
            Breakage(
                fault: "frozen",
                seen: split + [
                    ("client", "ping -c1 -W1 198.51.100.11"),
                    ("control", "! timeout 2 ssh -F $HAOPS_LAB/ssh_config lb1 true"),
                ]),
            Breakage(
                fault: "powered-off",
                seen: [("client", "! ping -c1 -W1 198.51.100.11"), ("lb2", HandMadePair.holds)],
                afterwards: "systemctl start haproxy keepalived"),
            Breakage(
                fault: "disk-full",
                seen: [("lb1", "LC_ALL=C dd if=/bin/bash of=/root/x 2>&1 | grep -q 'No space left'")]),
            Breakage(
                fault: "sshd-stopped",
                seen: [("control", "ssh -F $HAOPS_LAB/ssh_config lb1 true 2>&1 | grep -q refused")]),
            Breakage(
                fault: "backend-down", node: "web1",
                seen: [
                    ("client", "! curl -s --max-time 1 http://203.0.113.21/"),
                    ("client", "curl -s --max-time 1 http://203.0.113.22/"),
                ]),
        ]

        @Test(arguments: Sweep.part(of: breakages, every: 2))
        func `breaks and heals`(breakage: Breakage) async throws {
            let pair = try await HandMadePair.start(on: lab)
            try await lab.fault(breakage.fault, breakage.node)
            for (place, script) in breakage.seen { try await lab.eventually(script, on: place) }
            try await lab.heal(breakage.fault, breakage.node)
            if let afterwards = breakage.afterwards {
                try await lab.eventually(afterwards, on: breakage.node)
            }
            try await pair.isWell()
        }

        @Test func `every fault of the lab is tried`() async throws {
            let listed = try await lab.faultNames()
            let tried = Set(Self.breakages.map { String($0.fault.prefix { $0 != ":" }) })
            #expect(Set(listed) == tried)
        }

        @Test func `heal all mends several at once`() async throws {
            let pair = try await HandMadePair.start(on: lab)
            for fault in ["vrrp-output-dropped", "disk-full", "partitioned:service", "frozen"] {
                try await lab.fault(fault, "lb1")
            }
            try await lab.fault("backend-down", "web2")
            try await lab.healAll()
            try await pair.isWell()
        }
    }
}
