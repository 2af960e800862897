import Addresses
import Facts
import Keepalived
import Remote
import Testing

@testable import Checks

/// Two masters whose adverts are lost: each cause with its own proof, and none without.
@Suite struct AdvertCausesTests {
    typealias Machine = ObservedMachine

    private static let one = IPAddress.v4(0xC633_640B)
    private static let two = IPAddress.v4(0xC633_640C)

    /// lb2 hears lb1 and counts nothing.
    private func pair(_ change: (inout Machine) throws -> Void = { _ in }) rethrows -> [Machine] {
        let lb1 = Machine(
            name: "lb1", holds: true, role: .master, priority: 150,
            adverts: [.multicast(from: Self.one, isOutgoing: true)], reach: .answers)
        var lb2 = Machine(
            name: "lb2", holds: true, role: .master,
            adverts: [
                .multicast(from: Self.one, isOutgoing: false), .multicast(from: Self.two, isOutgoing: true),
            ], reach: .answers)
        try change(&lb2)
        return [lb1, lb2]
    }

    private func findings(_ machines: [Machine]) -> [Finding] { machines.findings }
    private func errors(_ machines: [Machine]) -> [String] { machines.errors }

    private func filter(_ output: String) throws -> PacketFilter {
        try FirewallFact().parse(SectionOutput(output))
    }

    private func conditional(_ packets: Int) throws -> PacketFilter {
        try filter(
            "@save iptables\n*filter\n:INPUT ACCEPT [0:0]\n[\(packets):9] -A INPUT -m length --length 0:60 -j DROP\nCOMMIT\n@end\n"
        )
    }

    /// The path from lb2 to lb1 is lost too: lb1 hears nothing although lb2's adverts leave.
    private func heardOneWay(_ change: (inout Machine) throws -> Void = { _ in }) rethrows -> [Machine] {
        var machines = try pair(change)
        // lb1 counts what lb2 sends, so that one direction alone is at stake.
        machines[0].counts = false
        return machines
    }

    @Test func `a filter without a rule is not blamed, and the finding says what was excluded`() throws {
        let machines = heardOneWay {
            $0.filter = PacketFilter()
            $0.reversePath = (ReversePath(dropped: 3), ReversePath(dropped: 3))
        }
        #expect(errors(machines) == ["split-brain"])
        let finding = try #require(findings(machines).first)
        let texts = finding.evidence.filter { $0.node == "lb2" }.map(\.text)
        #expect(texts.contains("excluded: no rule drops adverts that reach it"))
        #expect(texts.contains("excluded: rp_filter has dropped nothing"))
        #expect(finding.fix.contains("nft monitor trace") && finding.fix.contains("lb2"))
    }

    @Test func `a rule with a condition is blamed when its counter moves`() throws {
        let still = try heardOneWay {
            ($0.earlierFilter, $0.filter) = (try conditional(5), try conditional(5))
        }
        #expect(errors(still) == ["split-brain"])
        #expect(findings(still)[0].evidence.contains { $0.text.hasSuffix("--length 0:60 -j DROP") })
        let moving = try heardOneWay {
            ($0.earlierFilter, $0.filter) = (try conditional(5), try conditional(9))
        }
        #expect(errors(moving) == ["cause-firewall-input"])
        #expect(findings(moving)[0].evidence[0].text.hasSuffix("(dropped 4 packets in 4 s)"))
    }

    @Test func `a rule against one of several nodes is a rule`() throws {
        let rule = "-A INPUT -s 198.51.100.11/32 -j DROP"
        let dropping = try filter("@save iptables\n*filter\n:INPUT ACCEPT [0:0]\n\(rule)\nCOMMIT\n@end\n")
        let machines = heardOneWay { $0.filter = dropping }
        let third = Machine(name: "lb3", priority: 50, address: "198.51.100.13/24")
        #expect(errors(machines + [third]) == ["cause-firewall-input"])
        #expect(findings(machines + [third])[0].evidence[0].text == rule)
    }

    @Test func `a program that cannot be read is named, and its removal decides`() {
        let machines = heardOneWay {
            $0.filter = PacketFilter()
            $0.filter?.programs = [.init(interface: "eth0", hook: .input, kind: "tc ingress")]
        }
        #expect(errors(machines) == ["split-brain"])
        let finding = findings(machines)[0]
        #expect(finding.evidence.contains { $0.text.contains("cannot read its decisions") })
        #expect(finding.fix.hasPrefix("detach the program from eth0 of lb2"))
    }

    @Test func `the network is not blamed beside a program at the receiver`() {
        var machines = heardOneWay { $0.adverts = [.multicast(from: Self.two, isOutgoing: true)] }
        #expect(errors(machines) == ["cause-multicast-path"])
        machines[1].filter = PacketFilter()
        machines[1].filter?.programs = [.init(interface: "eth0", hook: .input, kind: "xdp")]
        #expect(errors(machines) == ["split-brain"])
    }

    @Test func `without tcpdump the counters of both ends are asked, and the filters`() throws {
        func blind(_ change: (inout Machine) -> Void) -> [Machine] {
            pair { _ in }.map { machine in
                var machine = machine
                machine.adverts = []
                machine.filter = PacketFilter()
                machine.sends = 4
                change(&machine)
                return machine
            }
        }
        #expect(errors(blind { _ in }) == ["cause-multicast-path"])
        #expect(errors(blind { $0.sends = 0 }) == ["split-brain"])
        #expect(errors(blind { $0.filter = nil }) == ["split-brain"])
        #expect(
            errors(blind { $0.log = ["(VI_1): send advert error 1 (Operation not permitted)"] })
                == ["cause-send-fails", "cause-send-fails"])
    }

    @Test func `adverts on another interface are not the filter's doing`() {
        #expect(
            errors(heardOneWay { $0.adverts = [.multicast(from: Self.one, on: "eth1", isOutgoing: false)] })
                == ["cause-other-interface"])
        #expect(
            errors(
                heardOneWay {
                    $0.adverts = [
                        .multicast(from: Self.one, on: "eth1", isOutgoing: false),
                        .multicast(from: Self.one, on: "eth0", isOutgoing: false),
                    ]
                }) == ["split-brain"], "a bridge's port and the bridge")
    }

    @Test func `an address that no socket is bound to hears nothing`() {
        let group = IPAddress.v4(0xE000_0012)
        let other = IPAddress.v4(0xE000_0063)
        func listening(_ addresses: IPAddress...) -> [String] {
            errors(heardOneWay { $0.sockets = AdvertSockets(sockets: addresses.map { .init(address: $0) }) })
        }
        #expect(listening(other) == ["cause-listen-address"])
        #expect(listening(group, other) == ["split-brain"])
        #expect(listening() == ["split-brain"], "1.x binds none")
    }

    @Test func `rp_filter needs the setting and the counter`() {
        func dropping(_ mode: Int, _ count: Int) -> [String] {
            errors(
                heardOneWay {
                    $0.reversePath = (
                        ReversePath(filter: ["all": 0, "eth0": mode], dropped: 10),
                        ReversePath(filter: ["all": 0, "eth0": mode], dropped: 10 + count)
                    )
                })
        }
        #expect(dropping(1, 4) == ["cause-reverse-path"])
        #expect(dropping(0, 4) == ["split-brain"])
        #expect(dropping(1, 0) == ["split-brain"])
    }

    @Test func `a process that is stopped in both samples is why, and one that rests is not`() {
        func process(_ state: Character, isFrozen: Bool = false) -> [String] {
            errors(
                heardOneWay {
                    $0.sockets = AdvertSockets(processes: [
                        .init(pid: 7, parent: 1, state: "S"),
                        .init(pid: 8, parent: 7, state: state, isFrozen: isFrozen),
                    ])
                })
        }
        #expect(process("T") == ["cause-daemon-stalled"])
        #expect(process("S", isFrozen: true) == ["cause-daemon-stalled"])
        #expect(process("S") == ["split-brain"])
        #expect(process("D") == ["split-brain"], "it answers its signal")
        let backup = Machine(
            name: "lb2", sockets: AdvertSockets(processes: [.init(pid: 8, parent: 1, state: "T")]))
        #expect(
            errors([Machine(name: "lb1", holds: true, role: .master, priority: 150), backup]) == [
                "cause-daemon-stalled"
            ])
    }

    @Test func `a parent that is stopped is a warning`() {
        let other = Machine(
            name: "lb2",
            sockets: AdvertSockets(processes: [
                .init(pid: 7, parent: 1, state: "T"), .init(pid: 8, parent: 7, state: "S"),
            ]))
        let found = findings([Machine(name: "lb1", holds: true, role: .master, priority: 150), other])
        #expect(found.map(\.id) == ["cause-daemon-stalled"])
        #expect(found.map(\.severity) == [.warning])
    }

    @Test func `a timer that is later than the others wait is a warning for an hour`() {
        func held(_ seconds: String, minutesAgo: Int, interval: Int = 1) -> [Finding] {
            var machine = Machine(name: "lb2", interval: interval)
            machine.now = 1 + minutesAgo * 60
            machine.log = ["A thread timer expired \(seconds) seconds ago"]
            return findings([
                Machine(name: "lb1", holds: true, role: .master, priority: 150, interval: interval), machine,
            ])
        }
        #expect(held("5.154527", minutesAgo: 2).map(\.id) == ["keepalived-starved"])
        #expect(held("5.154527", minutesAgo: 2).map(\.severity) == [.warning])
        #expect(held("2.9", minutesAgo: 2).isEmpty)
        #expect(held("5.154527", minutesAgo: 61).isEmpty)
        #expect(held("5.154527", minutesAgo: 2, interval: 2).isEmpty, "the others wait for longer")
    }

    @Test func `unread adverts in both samples are a daemon that does not read`() {
        let socket = AdvertSockets.Socket(address: .v4(0xE000_0012), unread: 2688, dropped: 12)
        let found = findings(heardOneWay { $0.sockets = AdvertSockets(sockets: [socket]) })
        #expect(found.map(\.id) == ["cause-daemon-stalled"])
        #expect(found[0].evidence[0].text.contains("holds 2688 bytes"))
    }

    @Test func `an address that the file names and the machine lacks is nobody else's`() {
        var machines = heardOneWay {
            $0.settings = ["unicast_src_ip 198.51.100.99", "unicast_peer {\n198.51.100.11\n}"]
        }
        machines[0].settings = ["unicast_peer {\n198.51.100.99\n}"]
        machines[0].adverts.insert(.multicast(from: .v4(0xC633_6463), isOutgoing: false))
        #expect(errors(machines) == ["cause-source-absent"])
        #expect(findings(machines)[0].file == ConfigurationEvidence.usualMainFile)
    }

    @Test func `an interface without a carrier comes before the network`() {
        var machines = pair { $0.adverts = [] }
        machines[0].hasCarrier = false
        machines[0].reach = .silent
        machines[1].reach = .silent
        #expect(errors(machines) == ["cause-advert-link-down"])
    }

    @Test func `what is sent for our address comes from a node of ours`() {
        let vip = IPAddress.v4(0xCB00_7132)
        let third = IPAddress.v4(0xC633_640D)
        func hearing(_ addresses: [IPAddress], isOwner: Bool = true) -> [Finding] {
            var owner = Machine(name: "lb1", holds: isOwner, role: isOwner ? .master : .backup, priority: 150)
            owner.counts = false
            owner.adverts = [
                .multicast(from: third, isOutgoing: false, addresses: addresses, priority: 200)
            ]
            return findings([owner, Machine(name: "lb2")])
        }
        #expect(hearing([vip]).map(\.id) == ["cause-unasked-node"])
        #expect(hearing([vip])[0].message.contains("is MASTER beside lb1"))
        #expect(hearing([.v4(0xCB00_715A)]).map(\.id) == ["cause-foreign-vrid"])
        #expect(hearing([]).map(\.id) == ["cause-foreign-vrid"], "an old tcpdump names no address")
        let obeyed = hearing([vip], isOwner: false)
        #expect(obeyed.map(\.id) == ["cause-unasked-node"])
        #expect(obeyed.map(\.severity) == [.info])
    }
}
