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

    @Test func `a filter that lets everything pass is left alone`() throws {
        for filter in [PacketFilter(), try iptables(policy: "ACCEPT"), try iptables("-A INPUT -j ACCEPT")] {
            let opening = opening(filter)
            #expect(opening.change.isEmpty && opening.files.isEmpty && !opening.needsUnit)
        }
    }

    @Test func `a policy that drops gets an acceptance at the head of the chain`() throws {
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

    @Test func `only what is not accepted yet is opened`() throws {
        let opening = opening(try iptables("-A INPUT -p icmp -j ACCEPT"))
        #expect(opening.change.descriptions == ["accept VRRP in iptables INPUT, before the policy of INPUT"])
    }

    @Test func `a rule of ours that is in force is kept for the next boot and not added again`() throws {
        let opening = opening(
            try iptables(
                "-A INPUT -p vrrp -m comment --comment haops -j ACCEPT",
                "-A INPUT -p icmp -m comment --comment haops -j ACCEPT", "-A INPUT -j DROP"))
        #expect(opening.change.isEmpty)
        #expect(opening.needsUnit)
        #expect(try text("/etc/haops/firewall.sh", in: opening).contains("-p 112"))
    }

    @Test func `a chain that cannot be read to its end is opened before the rule in doubt`() throws {
        let opening = opening(
            try iptables("-A INPUT -p vrrp -m set --match-set strangers src -j DROP", policy: "ACCEPT"))
        #expect(opening.change.descriptions.count == 1)
        #expect(opening.change.descriptions.first?.contains("--match-set strangers") == true)
    }

    @Test func `rules that nobody loads at boot are kept by a unit of our own`() throws {
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

    @Test func `rules that a service restores are written into its file, ahead of the chain`() throws {
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

    @Test func `a table of nftables that is loaded from a file includes ours`() throws {
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

    @Test func `every chain on the path of the packet must let it pass`() throws {
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

    @Test func `firewalld is asked by zone for now and for good`() throws {
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

    @Test func `the zone of a peer's address counts more than that of the interface`() throws {
        let zones = zone("cluster", sources: "198.51.100.0/24") + zone("public", interfaces: "eth0")
        #expect(
            opening(try firewalld(now: zones, forGood: zones)).change.descriptions == [
                "accept VRRP in firewalld's zone cluster",
                "accept VRRP in firewalld's zone cluster for good",
            ])
    }

    @Test func `a zone that drops all is opened for ICMP too`() throws {
        let zones = zone("drop", target: "DROP")
        #expect(
            opening(try firewalld(default: "drop", now: zones, forGood: zones)).change.descriptions == [
                "accept VRRP in firewalld's zone drop", "accept VRRP in firewalld's zone drop for good",
                "accept ICMP in firewalld's zone drop", "accept ICMP in firewalld's zone drop for good",
            ])
    }

    @Test func `a zone's name is a node's word and reaches no shell`() throws {
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

    @Test func `a plain table is opened`() throws {
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

/// What is dropped now is not all that the next boot may drop: openings of before are kept while they are wished.
extension FirewallOpeningTests {
    private static let script = "/etc/haops/firewall.sh"
    private static let nftRules = "/etc/haops/firewall.nft"
    private static let dropsVRRP = "-A INPUT -p vrrp -j DROP"
    private static let dropsICMP = "-A INPUT -p icmp -j DROP"

    private func dropping(_ rules: String...) throws -> PacketFilter {
        try filter(
            "@save iptables\n*filter\n:INPUT ACCEPT [0:0]\n"
                + rules.map { $0 + "\n" }.joined() + "COMMIT\n@end\n")
    }

    /// A table of nftables that accepts all but what its rules drop.
    private func ruleset(_ rules: String..., table: String = "filter") -> String {
        """
        table inet \(table) {
        \tchain input {
        \t\ttype filter hook input priority filter; policy accept;
        \(rules.map { "\t\t\($0)\n" }.joined())\t}
        }

        """
    }

    private func lines(_ path: String, in opening: FirewallOpening) throws -> [String] {
        try text(path, in: opening).split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    @Test func `what was opened stays in the script when the dropping rule is gone from memory`() throws {
        let first = try text(Self.script, in: opening(dropping(Self.dropsVRRP)))
        let later = opening(try dropping(Self.dropsICMP), [Self.script: first])
        #expect(later.change.descriptions.count == 1, "nothing is opened now but what is dropped now")
        let kept = try lines(Self.script, in: later)
        #expect(kept.count == 2)
        #expect(kept.first?.contains("INPUT -p 112 ") == true)
        #expect(kept.last?.contains("INPUT -p icmp ") == true)
    }

    @Test func `the script is the same however often and for whichever rule it is planned again`() throws {
        let first = try text(Self.script, in: opening(dropping(Self.dropsVRRP)))
        let both = try text(Self.script, in: opening(dropping(Self.dropsICMP), [Self.script: first]))
        for filter in [
            try dropping(Self.dropsICMP), try dropping(Self.dropsVRRP),
            try dropping(Self.dropsVRRP, Self.dropsICMP),
        ] {
            #expect(try text(Self.script, in: opening(filter, [Self.script: both])) == both)
        }
    }

    @Test func `a script stays as it is while nothing is dropped`() throws {
        let first = try text(Self.script, in: opening(dropping(Self.dropsVRRP)))
        let later = opening(try dropping(), [Self.script: first])
        #expect(later.change.isEmpty && later.files.isEmpty && !later.needsUnit)
    }

    @Test func `lines of the script that nobody wishes any more go`() throws {
        let both = try text(Self.script, in: opening(dropping(Self.dropsVRRP, Self.dropsICMP)))
        let vrrp = try #require(both.split(separator: "\n").first { $0.contains("-p 112") })
        for (before, after) in [
            ("INPUT", "OUTPUT"), ("INPUT", "FORWARD"), ("iptables", "ip6tables"), ("-p 112", "-p 51"),
            ("-m comment", "-s 192.0.2.9/32 -m comment"),
        ] {
            let foreign = vrrp.split(separator: before, omittingEmptySubsequences: false).joined(
                separator: after)
            let opened = opening(
                try dropping(Self.dropsICMP), [Self.script: "#!/bin/sh\n\(foreign)\n\(vrrp); reboot\n"])
            #expect(try lines(Self.script, in: opened).count == 1, "\(foreign)")
        }
        var narrower = self
        narrower.wish.passages.removeFirst()
        let opened = narrower.opening(try dropping(Self.dropsICMP), [Self.script: both])
        let left = try lines(Self.script, in: opened)
        #expect(left.count == 1 && left[0].contains("-p icmp"))
    }

    @Test func `lines of another backend than the wished go`() throws {
        let first = try text(Self.script, in: opening(dropping(Self.dropsVRRP)))
        let dropsICMP = try filter("@nft\n\(ruleset("ip protocol icmp drop"))@end\n")
        #expect(try lines(Self.script, in: opening(dropsICMP, [Self.script: first])).count == 2)
        var narrower = self
        narrower.wish.backend = .nftables
        let left = try lines(Self.script, in: narrower.opening(dropsICMP, [Self.script: first]))
        #expect(left.count == 1 && left[0].hasPrefix("nft "))
    }

    @Test func `a table that is not in memory keeps its line for the boot that makes it anew`() throws {
        let dropsVRRP = try filter("@nft\n\(ruleset("ip protocol vrrp drop"))@end\n")
        let first = try text(Self.script, in: opening(dropsVRRP))
        let kept = try lines(Self.script, in: opening(dropping(Self.dropsICMP), [Self.script: first]))
        #expect(kept.count == 2 && kept[0].contains("insert rule inet filter input meta l4proto 112"))
    }

    @Test func `a name in the script that is none is not written again`() throws {
        let first = try text(Self.script, in: opening(dropping(Self.dropsVRRP)))
        let byNFTables = try text(
            Self.script, in: opening(filter("@nft\n\(ruleset("ip protocol vrrp drop"))@end\n")))
        for hostile in [
            first.split(separator: "iptables").joined(separator: "$(poweroff)"),
            byNFTables.split(separator: "inet filter input").joined(separator: "inet x;poweroff input"),
        ] {
            let hostile = "#!/bin/sh\n\(hostile)\n-w -C\nnft list chain\ninsert rule inet\n"
            let opened = opening(try dropping(Self.dropsICMP), [Self.script: hostile])
            #expect(try !text(Self.script, in: opened).contains("poweroff"))
            #expect(try lines(Self.script, in: opened).count == 1)
        }
    }

    @Test func `what was opened stays in the rules that nftables includes`() throws {
        let config = ["/etc/nftables.conf": "flush ruleset\n\(ruleset("ip protocol vrrp drop"))"]
        func filter(_ ruleset: String) throws -> PacketFilter {
            try self.filter("@nft\n\(ruleset)@end\n@loader nftables\n")
        }
        let first = opening(try filter(ruleset("ip protocol vrrp drop")), config)
        let rules = try text(Self.nftRules, in: first)
        let dropsICMP = try filter(ruleset("ip protocol icmp drop"))
        let files = config.merging([Self.nftRules: rules]) { $1 }
        let both = try text(Self.nftRules, in: opening(dropsICMP, files))
        #expect(
            both == """
                # By haops.
                insert rule inet filter input meta l4proto 112 accept comment "haops"
                insert rule inet filter input meta l4proto 1 accept comment "haops"

                """)
        let again = opening(dropsICMP, files.merging([Self.nftRules: both]) { $1 })
        #expect(try text(Self.nftRules, in: again) == both)
        #expect(opening(try filter(ruleset()), files).files.isEmpty, "nothing is dropped now")
    }

    @Test func `a rule for a table that nftables no more loads is not included`() throws {
        // With a rule for a table that is not there, nft would load nothing of the whole file.
        let other = ruleset("ip protocol icmp drop", table: "other")
        let rules = "insert rule inet filter input meta l4proto 112 accept comment \"haops\"\n"
        let opened = opening(
            try filter("@nft\n\(other)@end\n@loader nftables\n"),
            ["/etc/nftables.conf": "flush ruleset\n\(other)", Self.nftRules: rules])
        #expect(
            try lines(Self.nftRules, in: opened) == [
                "insert rule inet other input meta l4proto 1 accept comment \"haops\""
            ])
    }
}
