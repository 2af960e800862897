import Addresses
import Facts
import Inventory
import Rendering
import Testing

@testable import Rollout

/// What is opened in a node's packet filter, where, and what is written so that a reboot keeps it open.
@Suite struct FirewallOpeningTests {
    private let peer: IPAddress
    private var wish: FirewallWish

    init() throws {
        peer = try #require(IPAddress("198.51.100.12"))
        wish = FirewallWish(
            backend: .auto,
            passages: [
                FirewallWish.Passage(
                    packet: .vrrp(isIPv6: false, interface: "eth0", peers: [peer]), hook: .input),
                FirewallWish.Passage(packet: .icmp(isIPv6: false), hook: .input),
            ], interfaces: ["eth0"])
    }

    private func filter(_ output: String) throws -> PacketFilter {
        try FirewallFact().parse(SectionOutput(output))
    }

    /// What `iptables-save` prints of a filter table.
    private func iptables(_ rules: String..., policy: String = "DROP", more: String = "") throws
        -> PacketFilter
    {
        try filter(
            "@save iptables\n*filter\n:INPUT \(policy) [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                + rules.map { $0 + "\n" }.joined() + "COMMIT\n@end\n" + more)
    }

    private func opening(
        _ filter: PacketFilter, _ files: [String: String] = [:], usesSystemd: Bool = true
    ) -> FirewallOpening {
        FirewallOpening(
            filter: filter, wish: wish,
            files: files.mapValues { FileState(kind: .regular, contents: Array($0.utf8)) },
            usesSystemd: usesSystemd)
    }

    private func text(_ path: String, in opening: FirewallOpening) throws -> String {
        let file = try #require(opening.files.first { $0.path == path }, "\(opening.files.map(\.path))")
        return String(decoding: try #require(file.contents), as: UTF8.self)
    }

    @Test func aFilterThatLetsEverythingPassIsLeftAlone() throws {
        for filter in [PacketFilter(), try iptables(policy: "ACCEPT"), try iptables("-A INPUT -j ACCEPT")] {
            let opening = opening(filter)
            #expect(opening.change.isEmpty && opening.files.isEmpty && !opening.needsUnit)
        }
    }

    @Test func aPolicyThatDropsGetsAnAcceptanceAtTheHeadOfTheChain() throws {
        let opening = opening(try iptables("-A INPUT -p tcp -j ACCEPT"))
        #expect(
            opening.change.descriptions == [
                "accept VRRP in iptables INPUT, before the policy of INPUT",
                "accept ICMP in iptables INPUT, before the policy of INPUT",
            ])
        let rule = "INPUT -p 112 -m comment --comment haops -j ACCEPT"
        #expect(
            opening.change.commands.first
                == "iptables -w -C \(rule) 2>/dev/null || iptables -w -I \(rule)")
    }

    @Test func onlyWhatIsNotAcceptedYetIsOpened() throws {
        let opening = opening(try iptables("-A INPUT -p icmp -j ACCEPT"))
        #expect(opening.change.descriptions == ["accept VRRP in iptables INPUT, before the policy of INPUT"])
    }

    @Test func aRuleOfOursThatIsInForceIsKeptForTheNextBootAndNotAddedAgain() throws {
        let opening = opening(
            try iptables(
                "-A INPUT -p vrrp -m comment --comment haops -j ACCEPT",
                "-A INPUT -p icmp -m comment --comment haops -j ACCEPT", "-A INPUT -j DROP"))
        #expect(opening.change.isEmpty)
        #expect(opening.needsUnit)
        #expect(try text("/etc/haops/firewall.sh", in: opening).contains("-p 112"))
    }

    @Test func aChainThatCannotBeReadToItsEndIsOpenedBeforeTheRuleInDoubt() throws {
        let opening = opening(
            try iptables("-A INPUT -p vrrp -m set --match-set strangers src -j DROP", policy: "ACCEPT"))
        #expect(opening.change.descriptions.count == 1)
        #expect(opening.change.descriptions.first?.contains("--match-set strangers") == true)
    }

    @Test func rulesThatNobodyLoadsAtBootAreKeptByAUnitOfOurOwn() throws {
        let withSystemd = opening(try iptables())
        #expect(
            withSystemd.files.map(\.path)
                == ["/etc/haops/firewall.sh", "/etc/systemd/system/haops-firewall.service"])
        #expect(
            try text("/etc/systemd/system/haops-firewall.service", in: withSystemd).contains(
                "Before=keepalived.service"))
        let withScripts = opening(try iptables(), usesSystemd: false)
        #expect(withScripts.files.map(\.path) == ["/etc/haops/firewall.sh", "/etc/init.d/haops-firewall"])
        #expect(withScripts.files.last?.mode == 0o755)
    }

    @Test func rulesThatAServiceRestoresAreWrittenIntoItsFileBeforeTheFirstOfTheChain() throws {
        let saved = "*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n"
        let filter = try iptables("-A INPUT -p tcp -j ACCEPT", more: "@loader netfilter-persistent\n")
        let opened = opening(filter, ["/etc/iptables/rules.v4": saved])
        #expect(!opened.needsUnit)
        let after = try text("/etc/iptables/rules.v4", in: opened)
        #expect(
            after == """
                *filter
                :INPUT DROP [0:0]
                :OUTPUT ACCEPT [0:0]
                -A INPUT -p icmp -m comment --comment haops -j ACCEPT
                -A INPUT -p 112 -m comment --comment haops -j ACCEPT
                -A INPUT -p tcp -j ACCEPT
                COMMIT

                """)
        let again = opening(filter, ["/etc/iptables/rules.v4": after])
        #expect(try text("/etc/iptables/rules.v4", in: again) == after, "written once")
    }

    @Test func aTableOfNftablesThatIsLoadedFromAFileIncludesOurs() throws {
        let ruleset = """
            table inet filter {
            \tchain input {
            \t\ttype filter hook input priority filter; policy drop;
            \t\ttcp dport 22 accept
            \t}
            }
            """
        let filter = try filter("@nft\n\(ruleset)\n@end\n@loader nftables\n")
        let opened = opening(filter, ["/etc/nftables.conf": "flush ruleset\n\(ruleset)"])
        #expect(!opened.needsUnit)
        #expect(
            opened.change.descriptions.first
                == "accept VRRP in nftables inet filter input, before the policy of input")
        #expect(
            try text("/etc/nftables.conf", in: opened).hasSuffix("}\ninclude \"/etc/haops/firewall.nft\"\n"))
        #expect(
            try text("/etc/haops/firewall.nft", in: opened).contains(
                "insert rule inet filter input meta l4proto 112 accept comment \"haops\""))
        // A table that some other program makes is in no file: it is opened by the unit, after that program.
        #expect(opening(filter, ["/etc/nftables.conf": "flush ruleset\n"]).needsUnit)
    }

    @Test func everyChainOnThePathOfThePacketMustLetItPass() throws {
        let ruleset = """
            table ip a {
            \tchain in {
            \t\ttype filter hook input priority 0; policy accept;
            \t\tip protocol vrrp drop
            \t}
            }
            """
        let filter = try filter(
            "@save iptables\n*filter\n:INPUT DROP [0:0]\nCOMMIT\n@end\n@nft\n\(ruleset)\n@end\n")
        let vrrp = opening(filter).change.descriptions.filter { $0.contains("VRRP") }
        #expect(vrrp.count == 2, "\(opening(filter).change.descriptions)")
    }

    /// What `firewall-cmd --list-all-zones` prints, now and for good.
    private func firewalld(default zone: String = "public", now: String, forGood: String) throws
        -> PacketFilter
    {
        try filter(
            "@command firewall-cmd\n@firewalld \(zone)\n@zones now\n\(now)@end\n@zones for-good\n\(forGood)@end\n"
        )
    }

    private func zone(
        _ name: String, target: String = "default", interfaces: String = "", sources: String = "",
        protocols: String = "", rich: String = ""
    ) -> String {
        """
        \(name)\(interfaces.isEmpty ? "" : " (active)")
          target: \(target)
          interfaces: \(interfaces)
          sources: \(sources)
          services: ssh
          protocols: \(protocols)
          rich rules: \(rich.isEmpty ? "" : "\n\t" + rich)


        """
    }

    private static let vrrp = "rule protocol value=\"vrrp\" accept"

    @Test func firewalldIsAskedByZoneForNowAndForGood() throws {
        let internalZone = zone("internal", interfaces: "eth0")
        let asked = try firewalld(
            now: internalZone + zone("public"),
            forGood: zone("internal", interfaces: "eth0", rich: Self.vrrp) + zone("public"))
        #expect(
            opening(asked).change.commands == [
                "firewall-cmd -q --zone=internal --add-rich-rule='\(Self.vrrp)'"
            ])
        for accepting in [
            zone("public", rich: Self.vrrp), zone("public", protocols: "vrrp"),
            zone("public", target: "ACCEPT"),
        ] {
            #expect(opening(try firewalld(now: accepting, forGood: accepting)).change.isEmpty)
        }
        let conditional = zone("public", rich: "rule family=\"ipv4\" protocol value=\"vrrp\" drop")
        #expect(opening(try firewalld(now: conditional, forGood: conditional)).change.commands.count == 2)
    }

    @Test func theZoneOfAPeersAddressCountsMoreThanThatOfTheInterface() throws {
        let zones = zone("cluster", sources: "198.51.100.0/24") + zone("public", interfaces: "eth0")
        #expect(
            opening(try firewalld(now: zones, forGood: zones)).change.descriptions == [
                "accept VRRP in firewalld's zone cluster",
                "accept VRRP in firewalld's zone cluster for good",
            ])
    }

    @Test func aZoneThatDropsAllIsOpenedForICMPToo() throws {
        let zones = zone("drop", target: "DROP")
        #expect(
            opening(try firewalld(default: "drop", now: zones, forGood: zones)).change.descriptions == [
                "accept VRRP in firewalld's zone drop", "accept VRRP in firewalld's zone drop for good",
                "accept ICMP in firewalld's zone drop", "accept ICMP in firewalld's zone drop for good",
            ])
    }

    @Test func aZonesNameIsANodesWordAndReachesNoShell() throws {
        #expect(opening(try firewalld(default: "public;reboot", now: "", forGood: "")).change.isEmpty)
    }
}

/// Names that a node gives its tables and chains go into commands that root runs, and again at every boot.
extension FirewallOpeningTests {
    private func nftables(table: String, chain: String = "input") throws -> PacketFilter {
        try filter(
            """
            @nft
            table inet \(table) {
            \tchain \(chain) {
            \t\ttype filter hook input priority filter; policy drop;
            \t}
            }
            @end

            """)
    }

    @Test func aPlainTableIsOpened() throws {
        #expect(try opening(nftables(table: "my-filter_2.0")).change.commands.count == 2)
    }

    @Test(arguments: ["x';reboot;'", "$(reboot)", "`reboot`", "x;reboot", "x|reboot", "x\\", "-f", "x&", "é"])
    func aNameThatIsNoneGoesIntoNoCommand(name: String) throws {
        for filter in [try nftables(table: name), try nftables(table: "filter", chain: name)] {
            let opening = opening(filter)
            #expect(opening.change.isEmpty && opening.files.isEmpty && !opening.needsUnit)
            #expect(opening.notes.count == 1, "\(opening.notes)")
        }
    }
}
