import Addresses
import Keepalived
import Remote
import Testing
import Timeline

@testable import Rollout
@testable import Survey

struct DrillPhaseTests {
    private static let start = 1_796_095_743_000_000
    private let vip: IPAddress
    private let old: MACAddress
    private let new: MACAddress

    init() throws {
        vip = try #require(IPAddress("203.0.113.50"))
        old = try #require(MACAddress("02:00:00:00:01:0b"))
        new = try #require(MACAddress("02:00:00:00:01:0c"))
    }

    private func event(_ line: String, on host: String, ahead: Int = 0) -> WitnessEvent? {
        WitnessLines(host: HostID(host), clock: ClockOffset(ahead: ahead, bound: 1)).event(of: line)
    }

    private func history(_ lines: [(String, String)]) -> NeighbourHistory {
        NeighbourHistory(
            events: lines.compactMap { event($0.1, on: $0.0) }.sorted { $0.time < $1.time },
            nodes: [HostID("lb1"), HostID("lb2")], owners: [old: HostID("lb1"), new: HostID("lb2")])
    }

    @Test func `phases are in their order, from failure to service`() {
        let lines: [(String, String)] = [
            ("client", "now 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0b REACHABLE"),
            ("lb1", "1796095742.500000 lb1 Keepalived_vrrp[1]: (VI_1) Entering MASTER STATE"),
            ("client", "[2026-12-01T03:29:03.100000] 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0b DELAY"),
            (
                "lb2",
                "1796095743.004000 lb2 Keepalived_vrrp[1]: (VI_1) Backup received priority 0 advertisement"
            ),
            ("lb2", "1796095743.619000 lb2 Keepalived_vrrp[1]: (VI_1) Entering MASTER STATE"),
            ("lb2", "1796095743.618000 lb2 Keepalived_vrrp[1]: (VI_2) Entering MASTER STATE"),
            ("lb2", "[2026-12-01T03:29:03.620000] 3: eth1    inet 203.0.113.50/24 scope global"),
            (
                "client",
                "[2026-12-01T03:29:03.621000] 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0c REACHABLE"
            ),
        ]
        let answers = (0..<200).filter { !(0..<63).contains($0) }.map {
            ProbeAnswer(number: $0, sent: Self.start + $0 * 10_000, received: Self.start + $0 * 10_000 + 500)
        }
        let time = Self.start..<(Self.start + 2_000_000)
        let before = ProbeAnswer(number: -1, sent: Self.start - 10_000, received: Self.start - 9_500)
        let measurement = DrillResult.Measurement(
            address: vip, instance: "VI_1", observer: HostID("client"), probe: .icmp, interval: 10_000,
            resolution: 20_000, failover: Outage([before] + answers, interval: 10_000, within: time),
            reversion: Outage(), duplicates: 0, clockBound: 0)
        let phases = DrillPhases(
            history: history(lines), measurements: [measurement]
        ).phases(of: "VI_1", [vip], within: time, \.failover)
        #expect(phases.map(\.name) == [.noticed, .elected, .assigned, .announced, .answering])
        #expect(phases.map(\.at) == [4_000, 619_000, 620_000, 621_000, 630_500])
        #expect(phases.map(\.host.name) == ["lb2", "lb2", "lb2", "client", "client"])
        #expect(phases[3].what == "client sends to lb2")
    }

    @Test func `gratuitous ARPs and neighbour advertisements are read from tcpdump`() throws {
        let six = try #require(IPAddress("2001:db8:203::50"))
        let lines: [(String, IPAddress, String)] = [
            (
                "1796095743.321635 eth1  B   ifindex 3 02:00:00:00:01:0c ethertype ARP (0x0806), length 48: Request who-has 203.0.113.50 (ff:ff:ff:ff:ff:ff) tell 203.0.113.50, length 28",
                vip, "eth1"
            ),
            (
                "1796095743.321635   B 02:00:00:00:01:0c ethertype ARP (0x0806), length 62: Request who-has 203.0.113.50 tell 203.0.113.50, length 46",
                vip, ""
            ),
            (
                "1796095743.321635 eth1  B   ifindex 3 02:00:00:00:01:0c ethertype ARP (0x0806), length 48: Reply 203.0.113.50 is-at 02:00:00:00:01:0c, length 28",
                vip, "eth1"
            ),
            (
                "1796095743.321635 eth1  M   ifindex 3 02:00:00:00:01:0c ethertype IPv6 (0x86dd), length 88: fe80::c > ff02::1: ICMP6, neighbor advertisement, tgt is 2001:db8:203::50, length 32",
                six, "eth1"
            ),
        ]
        for (line, address, interface) in lines {
            let read = event(line, on: "client", ahead: 321)
            #expect(read?.time == Self.start + 635, "\(line)")
            #expect(
                read?.kind
                    == .announcement(Announcement(address: address, mac: new, interface: interface)),
                "\(line)")
        }
        for line in [
            "1796095743.321635 eth1  B   ifindex 3 02:00:00:00:01:0c ethertype ARP (0x0806), length 48: Request who-has 203.0.113.5 tell 203.0.113.50, length 28",
            "1796095743.321635 eth1  In  ifindex 3 02:00:00:00:01:0c ethertype ARP (0x0806), length 48: Reply 203.0.113.50 is-at 02:00:00:00:01:0c, length 28",
            "1796095743.321635 eth1  In  ifindex 3 02:00:00:00:01:0c ethertype IPv6 (0x86dd), length 88: fe80::c > fe80::5: ICMP6, neighbor advertisement, tgt is 2001:db8:203::50, length 32",
            "1796095743.321635 eth1  B   ifindex 3 x ethertype ARP (0x0806), length 48: Request who-has",
            "listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 128 bytes",
        ] {
            #expect(event(line, on: "client") == nil, "\(line)")
        }
        #expect(
            Announcement.filter([vip, six])
                == "(arp and (host 203.0.113.50)) or (icmp6 and ip6[40] == 136 and dst ff02::1)")
        #expect(Announcement.filter([]).isEmpty)
    }

    @Test func `announcements are counted once, by whoever heard them, and neighbours are followed`() {
        func arp(_ time: String, _ interface: String, _ mac: String = "02:00:00:00:01:0c") -> (String, String)
        {
            (
                "client",
                "1796095743.\(time) \(interface)  B   ifindex 3 \(mac) ethertype ARP (0x0806), length 48: Request who-has 203.0.113.50 tell 203.0.113.50, length 28"
            )
        }
        let told = history([
            ("client", "now 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0b REACHABLE"),
            arp("100000", "br0"), arp("100001", "eth1"), arp("200000", "br0"), arp("200001", "eth1"),
            arp("300000", "eth1"), arp("900000", "eth1", "02:00:00:00:01:0b"),
            (
                "client",
                "[2026-12-01T03:29:03.100000] 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0c REACHABLE"
            ),
            ("client", "[2026-12-01T03:29:03.200000] 203.0.113.50 dev eth1 lladdr 02:00:00:00:01:0c STALE"),
            ("lb1", "[2026-12-01T03:29:03.050000] Deleted 3: eth1    inet 203.0.113.50/24 scope global"),
            ("lb2", "[2026-12-01T03:29:03.090000] 3: eth1    inet 203.0.113.50/24 scope global"),
            ("lb2", "[2026-12-01T03:29:03.890000] Deleted 3: eth1    inet 203.0.113.50/24 scope global"),
        ])
        let heard = told.announcements(of: [vip], within: Self.start..<(Self.start + 500_000))
        #expect(heard.map(\.count) == [3] && heard.map(\.sender) == ["lb2"])
        #expect(heard.first?.first == Self.start + 100_001 && heard.first?.last == Self.start + 300_000)
        let later = told.announcements(of: [vip], within: (Self.start + 500_000)..<(Self.start + 1_000_000))
        #expect(later.map(\.sender) == ["lb1"])
        let changes = told.changes(of: [vip])
        #expect(changes.map(\.receiver) == ["lb1", "lb2"])
        #expect(changes.map(\.time) == [nil, Self.start + 100_000])
        #expect(told.holdings(of: [vip], on: HostID("lb1"), isOwner: true).map(\.to) == [Self.start + 50_000])
        let second = told.holdings(of: [vip], on: HostID("lb2"), isOwner: false)
        #expect(second.map(\.from) == [Self.start + 90_000] && second.map(\.to) == [Self.start + 890_000])
    }
}
