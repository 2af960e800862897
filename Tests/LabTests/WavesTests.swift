import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// A change that goes through two clusters: side by side, one after the other, and stopped in between.
    @Suite struct WavesTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// A pair and a node that serves alone, with nothing in common.
        private static func inventory(check: String, solo: String = "") -> String {
            func cluster(_ name: String, _ nodes: String, _ id: Int, _ extra: String = "") -> String {
                """
                  \(name):
                    nodes: { \(nodes) }
                    keepalived:
                      interface: eth0
                      version: 3
                      advert_interval: 0.2
                      instances:
                        VI_\(id):
                          router_id: \(id)
                          addresses: [{ vip: 203.0.113.\(id)/24, interface: eth1 }]
                    haproxy:
                      frontends: { web: { bind: ["203.0.113.\(id):80"], mode: http, backend: web } }
                      backends: { web: { mode: http, check: { http: \(check) }, servers: { web1: 203.0.113.21:80 } } }
                      extra: { defaults: "option contstats\(extra)" }
                    sysctl: { net.ipv4.ip_nonlocal_bind: 1 }
                    firewall: { allow: [vrrp, icmp] }

                """
            }
            let pair =
                "lb1: { address: 198.51.100.11, priority: 150 }, lb2: { address: 198.51.100.12, priority: 100 }"
            return "haops: 1\nssh: { user: root }\nclusters:\n" + cluster("pair", pair, 61)
                + cluster("solo", "lb3: { address: 198.51.100.13, priority: 100 }", 62, solo)
        }

        private func fleet(_ name: String, check: String, solo: String = "") throws -> ManagedPair {
            ManagedPair(
                lab: lab, inventory: try lab.scratch(name, Self.inventory(check: check, solo: solo)))
        }

        @Test(
            .enabled(if: (LabFixture.running?.balancers.count ?? 3) > 2, "wants `lab/lab up --balancers 3`"))
        func
            `clusters are changed at once, a failed canary and Ctrl-C begin no other, and the next run does the rest`()
            async throws
        {
            try await lab.reset()
            let first = try fleet("first.yaml", check: "/")
            let applied = try await first.expect(0, "apply", "--yes", "--clusters-at-once", "2")
            #expect(applied.errorText.contains("pair lb1: "), "\(applied.everything)")
            #expect(applied.errorText.contains("solo lb3: "), "\(applied.everything)")
            // Neither has waited for the other to end.
            let lines = applied.errorText.split(separator: "\n").map(String.init)
            let begun = lines.lastIndex { $0.contains("lock the cluster") } ?? lines.count
            let ended = lines.firstIndex { $0.contains("of 2 clusters)") } ?? 0
            #expect(begun < ended, "\(applied.everything)")
            try await first.eventually(["owned by lb1", "owned by lb3"], exit: 0)

            // haproxy cannot read it on the canary: nothing is begun on the other.
            let broken = try fleet(
                "broken.yaml", check: "/health", solo: "\\nerrorfile 503 /etc/ssl/missing.http")
            let before = try await first.traces(of: "lb1")
            let refused = try await broken.expect(3, "apply", "--yes", "--canary", "solo")
            #expect(refused.text.contains("cluster pair: not begun"), "\(refused.everything)")
            #expect(
                refused.text.contains("not begun: pair (1), because the canary failed"),
                "\(refused.everything)")
            #expect(try await first.traces(of: "lb1") == before)

            // Ctrl-C: the cluster under way comes to its end or goes back, the other one is not begun.
            let second = try fleet("second.yaml", check: "/health")
            let alone = try await first.traces(of: "lb3")
            let interrupted = try await second.run("apply", until: "pair lb2: verify", then: "kill -INT $pid")
            #expect(interrupted.status == .code(130), "\(interrupted.everything)")
            #expect(!interrupted.text.contains("solo lb3: replace"), "\(interrupted.everything)")
            #expect(try await first.traces(of: "lb3") == alone)
            try await first.eventually(["owned by lb1", "owned by lb3"], exit: 0)

            let finished = try await second.expect(0, "apply", "--yes")
            #expect(finished.text.contains("cluster solo: done"), "\(finished.everything)")
            let again = try await second.expect(0, "apply", "--yes", "--clusters-at-once", "2")
            #expect(again.text.contains("2 clusters (pair, solo): nothing to do"), "\(again.everything)")
            try await lab.reset()
        }
    }
}
