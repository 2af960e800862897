import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That fix calls nothing healed that comes back, and does nothing that cannot heal.
    @Suite struct FixHealingTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// web1 says every second that it has the address, and does not answer for it.
        @Test func `an announcement that comes again is called not healed`() async throws {
            try await DoctorPair().start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            try await lab.eventually("ping -c 1 -W 1 \(DoctorPair.vip)", on: "client")
            try await lab.eventually(
                """
                sysctl -w net.ipv4.ip_nonlocal_bind=1
                systemd-run --unit haops-liar sh -c 'while sleep 1; do arping -q -U -c 1 -I eth1 -s \(DoctorPair.vip) \(DoctorPair.vip); done'
                """, on: "web1")
            // Of the client's own ping the kernel may still ask the owner, and believe that for a moment.
            try await lab.eventually(
                """
                for n in 1 2 3 4 5; do
                  ip neigh show to \(DoctorPair.vip) dev eth1 | grep -q '02:00:00:00:01:15 STALE' || exit
                  sleep 1
                done
                """, on: "client")
            let done = try await fix()
            try await lab.eventually(
                "systemctl stop haops-liar; sysctl -w net.ipv4.ip_nonlocal_bind=0", on: "web1")
            try await lab.eventually("ip neigh flush all", on: "client")
            #expect(done.status == .code(1), "\(done.everything)")
            #expect(done.said.contains("cluster web: failed"), "\(done.everything)")
        }

        @Test func `a machine that answers for the address is named and nothing is announced against it`()
            async throws
        {
            let pair = DoctorPair()
            try await pair.start(on: lab)
            try await lab.eventually(DoctorPair.holds, on: "lb1")
            try await lab.eventually(
                """
                ip route replace 203.0.113.50/32 dev eth0
                sysctl -w net.ipv4.conf.eth1.forwarding=1 net.ipv4.conf.eth1.proxy_arp=1 net.ipv4.neigh.eth1.proxy_delay=0
                """, on: "lb2")
            // The client believes the wrong one.
            try await lab.eventually(
                "ip neigh replace \(DoctorPair.vip) lladdr 02:00:00:00:01:0c dev eth1 nud stale", on: "client"
            )
            let done = try await fix()
            #expect(done.status == .code(3), "\(done.everything)")
            #expect(done.said.contains("vip-proxy-arp"), "\(done.everything)")
        }

        @Test func `an address on lo is not announced and its owner's file is named`() async throws {
            var pair = DoctorPair()
            pair.both { $0.instance.addresses = ["203.0.113.50/32 dev lo"] }
            try await pair.start(on: lab)
            try await lab.eventually("ip -o addr show dev lo to \(DoctorPair.vip) | grep -q .", on: "lb1")
            try await lab.eventually(
                "ip neigh replace \(DoctorPair.vip) lladdr 02:00:00:00:01:0c dev eth1 nud stale", on: "client"
            )
            let refused = try await fix()
            #expect(refused.status == .code(3), "\(refused.everything)")
            #expect(refused.said.contains("leave by lo"), "\(refused.everything)")
        }

        /// The check lets it run for nine seconds.
        @Test func `a keepalived that its own check stops again is called not healed`() async throws {
            var pair = DoctorPair()
            pair.addCheck(
                """
                #!/bin/sh
                [ $(($(date +%s) - $(stat -c %Y /run/keepalived.pid))) -lt 9 ] || systemctl --no-block stop keepalived

                """)
            pair.both { $0.preamble = $0.preamble.replacing("interval 1", with: "interval 3") }
            try await pair.start(on: lab)
            for node in ["lb1", "lb2"] {
                try await lab.eventually("! pgrep -x keepalived", on: node, within: .seconds(30))
            }
            let done = try await fix()
            #expect(done.status == .code(1), "\(done.everything)")
            #expect(done.said.contains("keepalived"), "\(done.everything)")
        }

        private func fix() async throws -> CommandOutput {
            let inventory = try lab.scratch("healing.yaml", DoctorScenario.inventory(["lb1", "lb2"]))
            return try await lab.haops(
                ["fix", "--yes", "--ssh-config", lab.sshConfig, "--inventory", inventory],
                limit: .seconds(180))
        }
    }
}
