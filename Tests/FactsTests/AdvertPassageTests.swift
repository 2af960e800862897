import Addresses
import Facts
import Keepalived
import Testing

/// Whether a packet filter drops the adverts of a virtual router: the one answer for all who ask.
@Suite struct AdvertPassageTests {
    private let peers = [IPAddress("198.51.100.12"), IPAddress("198.51.100.13")].compactMap(\.self)

    private func passage(
        _ rules: String..., isUnicast: Bool = true, usesHeader: Bool = false,
        at hook: PacketFilter.Hook = .input
    ) throws -> PacketFilter.Passage {
        let filter = try FirewallFact().parse(
            SectionOutput(
                "@save iptables\n*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                    + rules.map { $0 + "\n" }.joined() + "COMMIT\n@end\n"))
        let route = AdvertRoute(
            isIPv6: false, interface: "eth0", usesHeader: usesHeader,
            group: isUnicast ? nil : AdvertRoute.usualGroup(isIPv6: false), peers: peers)
        return filter.passage(of: route, at: hook)
    }

    @Test func `what the policy drops is dropped`() throws {
        let found = try passage()
        #expect(found.obstacle?.rule == "the policy of INPUT" && found.obstacle?.chain.name == "INPUT")
        if case .dropped = found {} else { Issue.record("\(found)") }
    }

    @Test func `a rule for known connections lets unicast in as replies, and a group's adverts not at all`()
        throws
    {
        let rule = "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
        if case .onlyReplies(let obstacle) = try passage(rule) {
            #expect(obstacle.rule == "the policy of INPUT")
        } else {
            Issue.record("not only replies")
        }
        if case .dropped = try passage(rule, isUnicast: false) {} else { Issue.record("not dropped") }
    }

    @Test func `one accepted peer of two is a doubt, and no doubt where AH is another protocol`() throws {
        let rule = "-A INPUT -s 198.51.100.12/32 -p vrrp -m set --match-set x src -j ACCEPT"
        #expect(try passage(rule) == .uncertain(rule: "the policy of INPUT"))
        if case .dropped = try passage(rule, usesHeader: true) {} else { Issue.record("not dropped") }
        #expect(try passage("-A INPUT ! -p tcp -j ACCEPT") == .passes)
    }

    @Test func `adverts leave for their group, or for their peers`() throws {
        let rule = "-A OUTPUT -d 224.0.0.18/32 -j DROP"
        #expect(try passage(rule, isUnicast: false, at: .output).obstacle?.rule == rule)
        #expect(try passage(rule, at: .output) == .passes)
    }

    @Test func `a route is what keepalived's configuration says`() throws {
        let text = """
            vrrp_instance VI_1 {
                interface eth1
                virtual_router_id 51
                authentication {
                    auth_type AH
                    auth_pass x
                }
                unicast_peer {
                    198.51.100.12
                }
                virtual_ipaddress {
                    203.0.113.50
                }
            }

            """
        let read = ConfigurationReader(path: "k", bytes: Array(text.utf8)).read(path: "k")
        let route = AdvertRoute(of: try #require(read.instances.first))
        #expect(route.interface == "eth1" && route.usesHeader && route.group == nil)
        #expect(route.peers == [IPAddress("198.51.100.12")].compactMap(\.self))
        #expect(route.packet(at: .output).protocolNumber == 51)
    }
}
