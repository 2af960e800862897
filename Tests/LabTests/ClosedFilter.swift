import HaopsTestSupport

/// A node's packet filter as an operator closes it: it lets in what he thought of, and VRRP is not among that.
enum ClosedFilter: String, CaseIterable, Sendable {
    case iptables, nftables, firewalld
    case iptablesLegacy = "iptables-legacy"
    /// iptables, saved for the next boot by what Debian has for that.
    case netfilterPersistent = "netfilter-persistent"

    /// What haops calls it.
    var name: String { self == .netfilterPersistent ? "iptables" : rawValue }

    /// Closes the filter until the next boot.
    var script: String {
        switch self {
        case .iptables, .iptablesLegacy, .netfilterPersistent:
            """
            \(name) -F INPUT
            \(name) -A INPUT -i lo -j ACCEPT
            \(name) -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
            \(name) -A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT
            \(name) -A INPUT -j DROP
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
        case .firewalld:
            """
            command -v firewall-cmd >/dev/null || apt-get -qq -y install firewalld >/dev/null 2>&1
            systemctl enable --quiet --now firewalld
            firewall-cmd -q --add-service=http
            firewall-cmd -q --permanent --add-service=http
            """
        }
    }

    /// Closes it for good.
    func close(_ node: String, of lab: LabFixture) async throws {
        switch self {
        case .iptables, .iptablesLegacy, .nftables:
            try await lab.put(script + "\n", at: "/etc/own-firewall", on: node)
            try await lab.put(Self.unit, at: "/etc/systemd/system/own-firewall.service", on: node)
            try await lab.eventually(
                "systemctl daemon-reload && systemctl enable own-firewall && systemctl restart own-firewall",
                on: node)
        case .firewalld:
            try await lab.eventually(script, on: node)
        case .netfilterPersistent:
            try await lab.eventually(
                """
                \(script)
                export DEBIAN_FRONTEND=noninteractive
                command -v netfilter-persistent >/dev/null \
                || apt-get -qq -y install iptables-persistent >/dev/null 2>&1
                systemctl enable --quiet netfilter-persistent && netfilter-persistent save
                """, on: node)
        }
    }

    private static let unit = """
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

    /// Succeeds where the filter lets VRRP in by a rule of haops.
    var accepts: String {
        switch self {
        case .iptables, .iptablesLegacy, .netfilterPersistent:
            "\(name) -S INPUT | sed '/-j DROP/q' | grep -Eq -- '-p (112|vrrp) .*haops.* ACCEPT'"
        case .nftables: "nft list chain inet own input | grep -A1 policy | grep -q 'accept comment .haops.'"
        case .firewalld: "firewall-cmd -q --query-rich-rule='\(Self.richRule)'"
        }
    }

    /// Succeeds where it will after a reboot.
    var keeps: String {
        switch self {
        case .iptables, .iptablesLegacy, .nftables: "grep -q 112 /etc/haops/firewall.*"
        case .firewalld: "firewall-cmd -q --permanent --query-rich-rule='\(Self.richRule)'"
        case .netfilterPersistent: "grep -Eq -- '-p (112|vrrp) .*haops' /etc/iptables/rules.v4"
        }
    }

    private static let richRule = "rule protocol value=\"vrrp\" accept"
}
