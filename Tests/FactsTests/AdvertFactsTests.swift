import Addresses
import HaopsTestSupport
import Remote
import Testing

@testable import Facts

/// What the kernel says of adverts between the wire and keepalived.
@Suite struct AdvertFactsTests {
    @Test func `sockets are read in the kernel's byte order, and those without an address are left out`()
        throws
    {
        let found = try AdvertSocketsFact().parse(
            SectionOutput(
                """
                process=2730 1 S 0 -
                process=2734 2730 T 0 -
                raw=  39: 00000000:0070 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 417869 2 0000000004d42494 0
                raw=  39: 120000E0:0070 00000000:0000 07 00000000:00000A80 00:00000000 00000000     0        0 417868 2 00000000ed9fabee 3
                raw=  39: 120000E0:0070 00000000:0000 07 00000000:00000A80 00:00000000 00000000     0        0 417868 2 00000000ed9fabee 3
                raw= 200: 000080FE00000000FF0000000B0000FE:0070 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 395048 2 0000000085402a81 0
                order=     1
                """))
        #expect(
            found.sockets == [
                .init(address: try #require(IPAddress("224.0.0.18")), unread: 0xA80, dropped: 3),
                .init(address: try #require(IPAddress("fe80::ff:fe00:b"))),
            ])
        #expect(found.processes.map(\.isHalted) == [false, true])
        #expect(found.processes.map(found.isMain) == [true, false])
    }

    @Test func `a big-endian kernel prints addresses as they are`() throws {
        let found = try AdvertSocketsFact().parse(
            SectionOutput(
                "raw=39: E0000012:0070 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 417868 2 0 0\norder=   256\n"
            ))
        #expect(found.sockets.map(\.address) == [IPAddress("224.0.0.18")])
    }

    @Test func `a frozen process and one that waits for a device are told apart`() throws {
        let found = try AdvertSocketsFact().parse(
            SectionOutput("process=7 1 S 1 -\nprocess=8 7 D 0 nfs_wait_bit_killable\nprocess=9 7\n"))
        #expect(
            found.processes == [
                .init(pid: 7, parent: 1, state: "S", isFrozen: true),
                .init(pid: 8, parent: 7, state: "D", waitsIn: "nfs_wait_bit_killable"),
            ])
        #expect(found.processes.map(\.isHalted) == [true, false])
    }

    @Test(arguments: [
        "raw=", "raw=39: X:0070 a b c:d e f g h i j k l", "raw=39: FFFFFFFFF:0070 a b c:d e f g h i j k l",
        "process=x 1 S 0 -", "order=", "raw=1: 120000E0 2 3 4 5 6 7 8 9 10 11 12 13",
    ])
    func `what is no socket and no process is passed over`(line: String) throws {
        #expect(try AdvertSocketsFact().parse(SectionOutput(line)) == AdvertSockets())
    }

    @Test func `this machine's own processes can be asked`() async throws {
        let target = SSHTarget(id: HostID("here"), host: "here")
        _ = try await LocalTransport().facts(of: target, Probe([AdvertSocketsFact()])).get()
            .value(of: AdvertSocketsFact.self)
        let path = try await LocalTransport().facts(of: target, Probe([ReversePathFact()])).get()
            .value(of: ReversePathFact.self)
        #expect(path.filter["lo"] != nil)
        #expect(path.dropped != nil)
    }

    @Test func `the counter of rp_filter is found by its name`() throws {
        let path = try ReversePathFact().parse(
            SectionOutput(
                "TcpExt: SyncookiesSent IPReversePathFilter TW\nTcpExt: 1 42 3\nall/rp_filter:2\neth0.100/rp_filter:1\neth1/rp_filter:0\n"
            ))
        #expect(path.dropped == 42)
        #expect((path.filters(on: "eth0.100"), path.filters(on: "eth1")) == (2, 2))
        let none = try ReversePathFact().parse(SectionOutput("TcpExt: A B\nTcpExt: 1\nTcpExt:\n"))
        #expect(none == ReversePath())
    }
}

/// Tables beside `filter`, and what they drop.
@Suite struct AdvertTablesTests {
    private func filter(_ output: String) throws -> PacketFilter {
        try FirewallFact().parse(SectionOutput(output))
    }

    private let group = AdvertRoute(
        isIPv6: false, interface: "eth0", group: AdvertRoute.usualGroup(isIPv6: false),
        peers: [.v4(0xC633_640B)])

    private func raw(_ packets: Int, _ rule: String) throws -> PacketFilter {
        try filter(
            "@save iptables\n*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[\(packets):1] \(rule)\nCOMMIT\n*filter\n:INPUT ACCEPT [9:9]\nCOMMIT\n@end\n"
        )
    }

    @Test func `a rule of the raw table drops the group's adverts, by its name and table`() throws {
        let rule = "-A PREROUTING -d 224.0.0.0/4 -j DROP"
        let passage = try raw(7, rule).passage(of: group, at: .input)
        #expect(passage.obstacle?.words == "iptables -t raw \(rule)")
        #expect(passage.obstacle.flatMap { try? raw(7, rule).dropped(by: $0, since: raw(3, rule)) } == 4)
        #expect(
            try raw(7, "-A PREROUTING -d 224.0.0.251/32 -j DROP").passage(of: group, at: .input) == .passes)
    }

    @Test func `haops opens usual chains alone`() throws {
        let filter = try raw(0, "-A PREROUTING -j DROP")
        #expect(filter.chains(.input, isIPv6: false).map(\.name) == ["INPUT"])
        #expect(
            filter.allChains(.input, for: group.packet(at: .input)).map(\.name) == ["PREROUTING", "INPUT"])
    }

    @Test func `a doubt in another table is none, unless its counter moves`() throws {
        let rule = "-A PREROUTING -m rpfilter --invert -j DROP"
        let now = try raw(9, rule)
        #expect(now.passage(of: group, at: .input) == .passes)
        #expect(now.doubt(on: group, at: .input)?.rule == rule)
        #expect(
            now.suspects(of: group, at: .input, since: try raw(5, rule), atLeast: 3).map(\.packets) == [4])
        #expect(now.suspects(of: group, at: .input, since: try raw(5, rule), atLeast: 5).isEmpty)
        #expect(now.suspects(of: group, at: .input, since: try raw(9, rule), atLeast: 0).isEmpty)
        let other = try raw(5, "-A PREROUTING -m length --length 0:60 -j DROP")
        #expect(now.suspects(of: group, at: .input, since: other, atLeast: 1).isEmpty, "another rule's count")
    }

    @Test func `a chain of one device sees no other device's adverts`() throws {
        let found = try filter(
            """
            @nft
            table netdev a {
            \tchain in {
            \t\ttype filter hook ingress device "eth1" priority filter; policy accept;
            \t\tip protocol vrrp counter packets 12 bytes 480 drop
            \t}
            }
            @end
            """)
        #expect(found.passage(of: group, at: .input) == .passes)
        var other = group
        other.interface = "eth1"
        #expect(
            found.passage(of: other, at: .input).obstacle?.words
                == "ip protocol vrrp counter drop  (nft table netdev a, chain in, hook ingress)")
    }

    @Test func `tables that iptables prints are not read twice, and nft's own of the same name are`() throws {
        let nft = """
            @nft
            table ip raw {
            \tchain PREROUTING {
            \t\ttype filter hook prerouting priority raw; policy accept;
            \t\tip daddr 224.0.0.0/4 drop
            \t}
            }
            @end
            """
        let both = try filter(
            "@save iptables\n*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 224.0.0.0/4 -j DROP\nCOMMIT\n@end\n"
                + nft)
        #expect(both.baseChains.count == 1)
        #expect(try filter(nft).passage(of: group, at: .input).obstacle != nil)
    }

    @Test func `rules for leaving adverts are found behind OUTPUT too`() throws {
        let found = try filter(
            "@save iptables\n*mangle\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -d 224.0.0.18/32 -j DROP\nCOMMIT\n@end\n"
        )
        #expect(found.passage(of: group, at: .output).obstacle?.chain.point == .postrouting)
        #expect(found.passage(of: group, at: .input) == .passes)
    }

    @Test func `programs are told from rules`() throws {
        let found = try filter(
            "@program eth0 input xdp\n@program eth0 output tc egress\n@program eth0 sideways tc\n@program eth0\n"
        )
        #expect(
            found.programs == [
                .init(interface: "eth0", hook: .input, kind: "xdp"),
                .init(interface: "eth0", hook: .output, kind: "tc egress"),
            ])
    }
}
