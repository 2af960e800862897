import Addresses
import Facts
import Testing

/// What becomes of an advert, by rules as `iptables-save` prints them.
@Suite struct PacketFilterTests {
    private func verdict(
        _ rules: String..., policy: String = "ACCEPT", at hook: PacketFilter.Hook = .input,
        isReply: Bool = false
    ) throws -> PacketFilter.Verdict {
        let filter = try FirewallFact().parse(
            SectionOutput(
                "@save iptables\n*filter\n:INPUT \(policy) [0:0]\n:OUTPUT \(policy) [0:0]\n"
                    + rules.map { $0 + "\n" }.joined() + "COMMIT\n@end\n"))
        var advert = FilteredPacket.vrrp(
            isIPv6: false, interface: "eth0", peers: [try #require(IPAddress("198.51.100.12"))])
        advert.isReply = isReply
        return filter.verdict(on: advert, at: hook)
    }

    @Test(arguments: [
        "-A INPUT ! -p tcp -j DROP", "-A INPUT ! -i eth1 -j DROP", "-A INPUT ! -s 10.0.0.0/8 -j DROP",
        "-A INPUT ! -s 10.0.0.0/8 ! -i lo ! -p udp -j REJECT --reject-with icmp-port-unreachable",
    ])
    func `what a rule excepts, and adverts are not, it drops with the rest`(rule: String) throws {
        #expect(try verdict(rule) == .dropped(by: rule))
    }

    @Test(arguments: [
        "-A INPUT ! -p vrrp -j DROP", "-A INPUT ! -p 112 -j DROP", "-A INPUT ! -i eth+ -j DROP",
        "-A INPUT ! -s 198.51.100.0/24 -j DROP", "-A INPUT -p tcp ! -i eth1 -j DROP",
    ])
    func `adverts that a rule excepts pass it`(rule: String) throws {
        #expect(try verdict(rule) == .accepted)
    }

    @Test(arguments: [
        "-A INPUT ! -i eth1 -j ACCEPT", "-A INPUT ! -p tcp -j ACCEPT",
        "-A INPUT ! -s 10.0.0.0/8 ! -p udp -j ACCEPT",
    ])
    func `an acceptance with an exception accepts the rest`(rule: String) throws {
        #expect(try verdict(rule, policy: "DROP") == .accepted)
    }

    @Test func `an exception counts where packets leave as well`() throws {
        let rule = "-A OUTPUT ! -o eth1 -j DROP"
        #expect(try verdict(rule, at: .output) == .dropped(by: rule))
        let peers = "-A OUTPUT ! -d 198.51.100.0/24 -j DROP"
        #expect(try verdict(peers, at: .output) == .accepted)
    }

    @Test func `all but known connections is the first advert too`() throws {
        let rule = "-A INPUT -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP"
        #expect(try verdict(rule) != .accepted)
        #expect(try verdict("-A INPUT -m conntrack ! --ctstate NEW -j DROP") == .accepted)
    }

    @Test func `an exception that is not understood is a doubt`() throws {
        let rule = "-A INPUT -m mark ! --mark 0x1 -j DROP"
        #expect(try verdict(rule) == .uncertain(rule))
    }
}
