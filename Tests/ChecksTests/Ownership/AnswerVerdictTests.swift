import Addresses
import Checks
import Facts
import Keepalived
import Remote
import Testing

/// The fourth witness: whether others are answered by an address that is owned.
@Suite struct AnswerVerdictTests {
    private static let vip = "203.0.113.50"

    /// One machine on eth1, and what it got when it asked; `nil` where it was not asked.
    private struct Machine {
        var name: String
        var holds: String?
        var role: LiveState.Role? = .backup
        var link = true
        var ignore: Int?
        var said: String?
        var neighbours: [String] = []
    }

    private let owner = Machine(
        name: "lb1", holds: "eth1", role: .master, said: "holds=203.0.113.50 eth1\nheard=eth1 203.0.113.21")

    private func facts(_ machine: Machine) throws -> (HostID, ProbeResult) {
        let number = machine.name.filter(\.isNumber)
        var facts = HostFacts(host: HostID(machine.name))
        let held = try #require(CIDR("203.0.113.50/24"))
        var interfaces = ["lo", "eth1"].map { name in
            Interface(
                name: name, mac: name == "lo" ? nil : MACAddress("02:00:00:00:01:0\(number)"),
                hasCarrier: name == "lo" || machine.link,
                addresses: machine.holds == name ? [Interface.Held(cidr: held)] : [])
        }
        interfaces[1].addresses.append(
            Interface.Held(cidr: try #require(CIDR("203.0.113.1\(number)/24"))))
        facts.set(InterfacesFact.self, to: interfaces)
        if let role = machine.role {
            var daemon = KeepalivedDaemon(pid: 7, hasChild: true)
            daemon.state = LiveState(instances: [
                LiveState.Instance(name: "VI_1", role: role, addresses: ["203.0.113.50/24"])
            ])
            daemon.roleSource = .daemon
            facts.set(KeepalivedFact.self, to: daemon)
        }
        facts.set(
            NeighboursFact.self,
            to: try NeighboursFact().parse(SectionOutput(machine.neighbours.joined(separator: "\n"))))
        if let ignore = machine.ignore {
            facts.set(ARPSettingsFact.self, to: ARPSettings(ignore: ["all": ignore, "eth1": 0, "lo": 0]))
        }
        if let said = machine.said {
            facts.set(AnswerFact.self, to: try AnswerFact([], companions: []).parse(SectionOutput(said)))
        }
        return (HostID(machine.name), .success(facts))
    }

    private func judge(
        _ nodes: [Machine], observers: [Machine] = [], silent: [String] = []
    ) throws -> VIPOwnership {
        let mute = silent.map { name -> (HostID, ProbeResult) in
            (
                HostID(name),
                .failure(.connectTimedOut(host: HostID(name), phase: "answer", after: .seconds(1)))
            )
        }
        return ownership(
            of: VIPQuestion(vip: try #require(IPAddress(Self.vip)), cluster: "web", instance: "VI_1"),
            nodes: try nodes.map(facts) + mute, observers: try observers.map(facts))
    }

    private func peer(_ said: String?) -> Machine { Machine(name: "lb2", said: said) }

    private let answered = "asked=203.0.113.50 eth1\nmac=203.0.113.50 02:00:00:00:01:01"

    @Test func `an owner that somebody else is answered by owns it`() throws {
        let result = try judge([owner, peer(answered + "\nport=203.0.113.50 80 answers")])
        #expect(result.verdict == .owned && result.answer == .answers)
        #expect(result.reason == "lb1 holds it and claims MASTER")
    }

    @Test func `where nobody could ask it is not probed, and owned`() throws {
        for said in [nil, "far=203.0.113.50", "cut=203.0.113.50 eth1", "cached=203.0.113.50 eth1"] {
            let result = try judge([owner, peer(said)])
            #expect(result.verdict == .owned && result.answer == .notProbed, "\(said ?? "-")")
        }
        #expect(try judge([owner]).answer == .notProbed)
    }

    @Test func `nobody answers, and whoever asked hears others: dark`() throws {
        let result = try judge([
            owner, peer("asked=203.0.113.50 eth1\nlistened=eth1\nheard=eth1 203.0.113.21"),
        ])
        #expect(result.verdict == .dark && result.answer == .dark)
        #expect(result.reason.contains("nobody answers for it (lb2 asked)"), "\(result.reason)")
        #expect(result.trueOwner == "lb1")
    }

    /// Its own cable may be the broken one.
    @Test func `whoever hears nobody is no witness against the owner`() throws {
        let deaf = peer("asked=203.0.113.50 eth1\nlistened=eth1")
        let result = try judge([owner, deaf])
        #expect(result.verdict == .owned && result.answer == .notProbed)
        #expect(result.reason.contains("lb2 hears nobody on eth1"), "\(result.reason)")
        var alone = owner
        alone.said = "holds=203.0.113.50 eth1\nlistened=eth1"
        let both = try judge([alone, deaf])
        #expect(both.verdict == .unknown && both.answer == .unclear, "either may be cut off")
        alone.link = false
        let without = try judge([alone, deaf])
        #expect(
            without.verdict == .dark && without.reason.contains("eth1 has no carrier"), "\(without.reason)")
    }

    @Test func `one that is answered outweighs another that is not`() throws {
        let observer = Machine(
            name: "client9", role: nil,
            said: "asked=203.0.113.50 eth1\nlistened=eth1\nheard=eth1 203.0.113.21")
        #expect(try judge([owner, peer(answered)], observers: [observer]).verdict == .owned)
    }

    @Test func `a stranger that answers contests it, beside the owner or in its place`() throws {
        let stranger = "\nmac=203.0.113.50 02:00:00:00:0f:0f"
        let beside = try judge([owner, peer(answered + stranger)])
        #expect(beside.verdict == .contested && beside.intruders.map(\.node) == [nil])
        #expect(!beside.reason.contains("lb1 does not"), "\(beside.reason)")
        let alone = try judge([owner, peer("asked=203.0.113.50 eth1" + stranger)])
        #expect(alone.verdict == .contested && alone.reason.contains("and lb1 does not"), "\(alone.reason)")
        var found = owner
        found.said = "holds=203.0.113.50 eth1" + stranger
        #expect(try judge([found, peer(nil)]).verdict == .contested, "the owner itself hears it")
    }

    @Test func `a node or an observer that answers without having it is named`() throws {
        let observer = Machine(name: "client9", role: nil)
        let result = try judge(
            [owner, peer(answered + "\nmac=203.0.113.50 02:00:00:00:01:09")], observers: [observer])
        #expect(result.verdict == .contested && result.intruders.map(\.node) == ["client9"])
    }

    @Test func `a stranger may be the node that did not answer`() throws {
        let result = try judge(
            [owner, peer(answered + "\nmac=203.0.113.50 02:00:00:00:01:03")], silent: ["lb3"])
        #expect(result.verdict == .unknown && result.reason.contains("lb3"))
    }

    @Test func `a node that did not answer does not hide that nobody is answered`() throws {
        let result = try judge(
            [owner, peer("asked=203.0.113.50 eth1\nheard=eth1 203.0.113.21")], silent: ["lb3"])
        #expect(result.verdict == .dark)
    }

    /// As some clouds do.
    @Test func `a network that answers for everybody is no stranger`() throws {
        var lb2 = peer("asked=203.0.113.50 eth1\nmac=203.0.113.50 12:34:56:78:9a:bc\nping=203.0.113.50")
        lb2.neighbours = [
            "203.0.113.21 dev eth1 lladdr 12:34:56:78:9a:bc REACHABLE",
            "203.0.113.22 dev eth1 lladdr 12:34:56:78:9a:bc REACHABLE",
        ]
        #expect(try judge([owner, lb2]).verdict == .owned)
    }

    @Test(arguments: [
        ("refused", "port 80 refuses"), ("silent", "port 80 is silent"),
        ("mute", "port 80 accepts and never answers"),
    ])
    func `ports that serve nobody else make it dark`(answer: String, words: String) throws {
        let said = answered + "\nport=203.0.113.50 80 \(answer)"
        let result = try judge([owner, peer(said)])
        #expect(result.verdict == .dark && result.reason.contains(words), "\(result.reason)")
        #expect(!result.reason.contains("itself"))
        var inside = owner
        inside.said = "holds=203.0.113.50 eth1\nport=203.0.113.50 80 answers"
        #expect(try judge([inside, peer(said)]).reason.contains("from lb1 itself it answers"))
        let another = try judge([owner, peer(said + "\nport=203.0.113.50 443 open")])
        #expect(another.verdict == .owned && another.reason.contains(words), "one port serves")
    }

    @Test func `an address that moved while it was asked for is not probed`() throws {
        var before = owner
        before.said = "asked=203.0.113.50 eth1"
        #expect(try judge([before, peer("holds=203.0.113.50 eth1")]).answer == .notProbed)
        #expect(try judge([owner, peer("holds=203.0.113.50 eth1")]).answer == .notProbed)
    }

    /// Real servers of LVS-DR, or so that local programs can bind it.
    @Test func `an address on lo that arp_ignore keeps quiet is no second holder`() throws {
        var quiet = Machine(name: "lb2", holds: "lo", ignore: 1)
        #expect(try judge([owner, quiet]).verdict == .owned)
        quiet.ignore = 0
        #expect(try judge([owner, quiet]).verdict == .orphan, "it answers on every interface")
        quiet.ignore = nil
        #expect(try judge([owner, quiet]).verdict == .orphan, "what is not known keeps nothing quiet")
    }

    @Test func `a stale entry stays a stale entry, and a dark address is dark all the same`() throws {
        var stale = Machine(name: "client9", role: nil)
        stale.neighbours = ["203.0.113.50 dev eth1 lladdr 02:00:00:00:01:02 STALE"]
        #expect(try judge([owner, peer(answered)], observers: [stale]).verdict == .staleARP)
        let dark = "asked=203.0.113.50 eth1\nheard=eth1 203.0.113.21"
        #expect(try judge([owner, peer(dark)], observers: [stale]).verdict == .dark)
    }
}
