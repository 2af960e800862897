import HaopsTestSupport
import Remote
import Testing

@testable import HaopsCommands

extension OnTheLab {
    /// More than a pair: three nodes, each the preferred one of an instance, IPv4 and IPv6 side by side.
    @Suite struct ThreeNodesTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        private static let inventory = """
            haops: 1
            ssh: { user: root }
            clusters:
              edge:
                nodes:
                  lb[1-3]: { address: "198.51.100.[11-13]", priority: [150, 120, 100] }
                observers: { client: { address: 198.51.100.5 } }
                keepalived:
                  interface: eth0
                  version: 3
                  advert_interval: 0.2
                  scripts:
                    check_haproxy: { run: /etc/keepalived/check_haproxy.sh, interval: 1, weight: -90 }
                  instances:
                    VI_1:
                      router_id: 51
                      addresses: [{ vip: 203.0.113.50/24, interface: eth1 }]
                      track_scripts: [check_haproxy]
                    VI_2:
                      router_id: 52
                      preferred: lb2
                      addresses: [{ vip: 203.0.113.51/24, interface: eth1 }]
                      track_scripts: [check_haproxy]
                    VI_3:
                      router_id: 53
                      preferred: lb3
                      addresses: [{ vip: "2001:db8:203::50/64", interface: eth1 }]
                      track_scripts: [check_haproxy]
                haproxy:
                  frontends:
                    web: { bind: ["203.0.113.50:80", "203.0.113.51:80", "[2001:db8:203::50]:80"], mode: http, backend: web }
                  backends:
                    web: { mode: http, servers: { web1: 203.0.113.21:80, web2: 203.0.113.22:80 } }
                sysctl: { net.ipv4.ip_nonlocal_bind: 1, net.ipv6.ip_nonlocal_bind: 1 }
                firewall: { allow: [vrrp, icmp] }
                packages: [keepalived, haproxy]

            """

        /// The cluster from bare machines, each address where it belongs.
        private func start() async throws -> ManagedPair {
            try await lab.reset()
            let cluster = ManagedPair(
                lab: lab, inventory: try lab.scratch("three.yaml", Self.inventory))
            try await cluster.expect(0, "apply", "--yes")
            try await cluster.eventually(Self.atHome, exit: 0)
            return cluster
        }

        private static let atHome = ["owned by lb1", "owned by lb2", "owned by lb3"]

        @Test(
            .enabled(if: (LabFixture.running?.balancers.count ?? 3) > 2, "wants `lab/lab up --balancers 3`"))
        func `each serves what it is preferred for and stands in for the others`() async throws {
            let cluster = try await start()
            for address in ["203.0.113.50", "203.0.113.51", "[2001:db8:203::50]"] {
                try await lab.eventually(
                    "curl -gs --max-time 1 'http://\(address)/' | grep -q ^web", on: "client")
            }
            let again = try await cluster.expect(0, "apply", "--yes")
            #expect(again.text.contains("nothing to do"), "\(again.everything)")

            let pings = try await Pings.countedAgainIfOneWasLost(from: "client", to: "203.0.113.50", on: lab)
            {
                // A count before this one may have left neighbour entries of its last move.
                for node in ["lb1", "lb2", "lb3", "client"] {
                    _ = try await lab.console(node, "ip neigh flush dev eth1")
                }
                try await cluster.expect(0, "restart", "all", "--yes")
                try await cluster.expect(0, "switchover", "--to", "lb3", "--instance", "VI_1", "--yes")
                try await cluster.eventually(["owned by lb3", "owned by lb2", "owned by lb3"], exit: 0)
                try await cluster.expect(0, "switchover", "--release", "--yes")
                try await cluster.eventually(Self.atHome, exit: 0)
            }
            print("three nodes restarted, an instance moved and released: \(pings)")
            #expect(pings.lost == 0 && pings.sent > 500, "\(pings)")

            try await lab.fault("vrrp-input-dropped", "lb3")
            try await cluster.eventually(
                ["split-brain by lb1+lb3", "split-brain by lb2+lb3", "owned by lb3"], exit: 5)
            try await cluster.expect(3, "fix", "--yes")
            try await lab.heal("vrrp-input-dropped", "lb3")
            try await cluster.expect(0, "fix", "--yes")
            try await cluster.eventually(Self.atHome, exit: 0)
            try await cluster.expect(0, "doctor")
            try await lab.reset()
        }

        @Test(
            .onlyInSweeps,
            .enabled(if: (LabFixture.running?.balancers.count ?? 3) > 2, "wants `lab/lab up --balancers 3`"))
        func `what fix mends it mends for IPv6 too`() async throws {
            let cluster = try await start()
            try await lab.eventually("ip address add 2001:db8:203::50/128 dev eth1 nodad", on: "lb1")
            try await cluster.eventually(["owned by lb1", "owned by lb2", "orphan by lb1+lb3"], exit: 5)
            try await cluster.expect(0, "fix", "--yes")
            try await cluster.eventually(Self.atHome, exit: 0)

            // Nobody thought of VRRP over IPv6.
            try await lab.eventually(
                """
                ip6tables -F INPUT
                ip6tables -A INPUT -i lo -j ACCEPT
                ip6tables -A INPUT -p ipv6-icmp -j ACCEPT
                ip6tables -A INPUT -j DROP
                """, on: "lb1")
            try await cluster.eventually(["owned by lb1", "owned by lb2", "split-brain by lb1+lb3"], exit: 5)
            let fixed = try await cluster.expect(0, "fix", "--yes")
            #expect(fixed.text.contains("accept VRRP in ip6tables INPUT"), "\(fixed.text)")
            try await cluster.eventually(Self.atHome, exit: 0)
            try await cluster.expect(0, "doctor")
            try await lab.reset()
        }

        @Test(
            .enabled(if: (LabFixture.running?.balancers.count ?? 3) > 2, "wants `lab/lab up --balancers 3`"),
            .timeLimit(.minutes(4)))
        func `two machines go silent at once in a drill, and the third one has every address`() async throws {
            let cluster = try await start()
            let refused = try await cluster.expect(3, "drill", "stop", "--node", "lb1+lb2", "--yes")
            #expect(refused.text.contains("several nodes at once only go silent"), "\(refused.everything)")
            let output = try await cluster.haops(
                "drill", "crash", "--node", "lb1+lb2", "--yes", "-o", "json")
            let answer = try DrillDocument(output)
            #expect(answer.restored == true && answer.outcome == "done", "\(output.everything)")
            #expect(answer.nodes == ["lb1", "lb2"])
            #expect(answer.instances.map(\.holders) == [["lb3"], ["lb3"], ["lb3"]], "\(output.everything)")
            #expect(answer.instances.map(\.foretold) == [["lb3"], ["lb3"], ["lb3"]])
            let pings = answer.measurements.filter { $0.probe == "icmp" && $0.observer == "client" }
            #expect(pings.count == 3)
            for one in pings {
                print("| drill crash lb1+lb2 | \(one.vip) | \(one.failover.silenceMs) ms |")
                #expect((one.failover.silenceMs > 0) == (one.vip != "2001:db8:203::50"), "\(one)")
            }
            for node in ["lb1", "lb2"] {
                let journal = try await lab.console(node, "tail -n 3 /var/lib/haops/journal")
                #expect(journal.text.contains("ended (timer)"), "\(journal.text)")
            }
            try await cluster.eventually(Self.atHome, exit: 0)
            try await lab.reset()
        }
    }
}
