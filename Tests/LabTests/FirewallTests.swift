import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// Nodes whose own firewall drops what it does not know.
    @Suite struct FirewallTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        enum Filter: String, CaseIterable, Sendable {
            case iptables, nftables

            /// The operator's own rules, as a script that runs at boot.
            var script: String {
                switch self {
                case .iptables:
                    """
                    iptables -F INPUT
                    iptables -A INPUT -i lo -j ACCEPT
                    iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
                    iptables -A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT
                    iptables -A INPUT -j DROP
                    iptables -P INPUT DROP
                    """
                case .nftables:
                    """
                    nft flush ruleset
                    nft add table inet own
                    nft add chain inet own input '{ type filter hook input priority 0; policy drop; }'
                    nft add rule inet own input iif lo accept
                    nft add rule inet own input ct state established,related accept
                    nft add rule inet own input tcp dport '{ 22, 80 }' accept
                    """
                }
            }
        }

        @Test(arguments: Filter.allCases)
        func applyLetsVRRPPassAndItStaysSoOverAReboot(filter: Filter) async throws {
            try await lab.reset()
            let unit = """
                [Unit]
                DefaultDependencies=no
                Wants=network-pre.target
                Before=network-pre.target
                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart=/bin/sh -e /etc/own-firewall
                [Install]
                WantedBy=multi-user.target

                """
            for node in lab.balancers {
                try await lab.put(filter.script + "\n", at: "/etc/own-firewall", on: node)
                try await lab.put(unit, at: "/etc/systemd/system/own-firewall.service", on: node)
                try await lab.eventually(
                    "systemctl daemon-reload && systemctl enable own-firewall && systemctl restart own-firewall",
                    on: node)
            }
            let pair = try ManagedPair(lab: lab).quick()
            try await pair.expect(0, "apply", "--yes")
            try await pair.isWell()
            #expect(try await lab.console("client", "ping -c1 -W1 \(ManagedPair.vip)").status == .code(0))
            #expect(try await pair.who().vips.first?.node("lb2")?.claims == "BACKUP")
            let again = try await pair.expect(0, "apply", "--yes")
            #expect(again.text.contains("nothing to do"), "\(again.everything)")

            try await lab.reboot("lb2")
            try await lab.eventually("systemctl is-active --quiet own-firewall keepalived", on: "lb2")
            try await lab.eventually("lb2 to hear lb1", within: .seconds(30)) {
                try await pair.who().vips.first?.node("lb2")?.claims == "BACKUP" ? true : nil
            }
            try await pair.isWell()
            try await pair.expect(0, "plan", "--detailed-exitcode")
            try await lab.reset()
        }
    }
}
