import Addresses
import Checks
import Facts
import Keepalived
import Remote
import Testing

@Suite struct OwnershipVerdictTests {
    /// What one node says, in a line.
    private func node(
        _ name: String, holds: String? = nil, runs: Bool = true, _ role: LiveState.Role? = .backup,
        neighbour: (String, String)? = nil, routerID: Int = 51, lists: String = "203.0.113.50/24"
    ) throws -> (HostID, ProbeResult) {
        let number = try #require(UInt8(name.drop { !$0.isNumber }))
        var addresses = [Interface.Held(cidr: try #require(CIDR("203.0.113.1\(number)/24")))]
        if let holds { addresses.append(Interface.Held(cidr: try #require(CIDR(holds)))) }
        var facts = HostFacts(host: HostID(name))
        facts.set(
            InterfacesFact.self,
            to: [Interface(name: "eth1", mac: MACAddress("02:00:00:00:01:0\(number)"), addresses: addresses)])
        var daemon = KeepalivedDaemon(pid: runs ? 7 : nil, hasChild: runs)
        if runs, let role {
            daemon.state = LiveState(instances: [
                LiveState.Instance(name: "VI_1", role: role, routerID: routerID, addresses: [lists])
            ])
            daemon.roleSource = .daemon
        }
        facts.set(KeepalivedFact.self, to: daemon)
        var neighbours: [Neighbour] = []
        if let (address, mac) = neighbour {
            neighbours = [
                Neighbour(
                    address: try #require(IPAddress(address)), interface: "eth1",
                    mac: try #require(MACAddress(mac)),
                    state: "STALE")
            ]
        }
        facts.set(NeighboursFact.self, to: neighbours)
        return (HostID(name), .success(facts))
    }

    private func silent(_ name: String) -> (HostID, ProbeResult) {
        (HostID(name), .failure(.connectTimedOut(host: HostID(name), phase: "answer", after: .seconds(1))))
    }

    private func judge(
        _ nodes: [(HostID, ProbeResult)], observers: [(HostID, ProbeResult)] = [],
        _ vip: String = "203.0.113.50"
    ) throws -> VIPOwnership {
        ownership(
            of: VIPQuestion(vip: try #require(IPAddress(vip)), cluster: "web", instance: "VI_1"),
            nodes: nodes,
            observers: observers)
    }

    private let vip = "203.0.113.50/24"

    @Test func `one holder that claims it owns it`() throws {
        let result = try judge([node("lb1", holds: vip, .master), node("lb2")])
        #expect(result.verdict == .owned)
        #expect(result.trueOwner == "lb1")
    }

    @Test func `an instance of the same name and another router id is another cluster's`() throws {
        let own = [try node("lb1", holds: vip, .master), try node("lb2")]
        let other = try node("lb3", .master, routerID: 61, lists: "203.0.113.90/24")
        #expect(try judge(own + [other]).verdict == .owned)
        // With the same router id it is this cluster's, and does not list what it is MASTER of.
        let wrong = try node("lb2", .master, lists: "203.0.113.90/24")
        #expect(try judge([node("lb1"), wrong]).verdict == .claimedButAbsent)
    }

    @Test func `two holders that both claim it are a split-brain, also when a third is silent`() throws {
        let both = [try node("lb1", holds: vip, .master), try node("lb2", holds: vip, .master)]
        #expect(try judge(both).verdict == .splitBrain)
        #expect(try judge(both + [silent("lb3")]).verdict == .splitBrain)
    }

    @Test func `an address beside a dead daemon is an orphan, alone and next to the owner`() throws {
        let leftover = try node("lb1", holds: vip, runs: false)
        #expect(try judge([leftover, node("lb2")]).verdict == .orphan)
        let next = try judge([leftover, node("lb2", holds: vip, .master)])
        #expect(next.verdict == .orphan)
        #expect(next.trueOwner == "lb2")
        #expect(try judge([node("lb1", holds: vip, .backup), node("lb2")]).verdict == .orphan)
        #expect(
            try judge([node("lb1", holds: vip, .fault), node("lb2", holds: vip, .backup)]).verdict == .orphan)
    }

    @Test func `nobody holds and nobody claims: unowned, unless somebody did not answer`() throws {
        #expect(try judge([node("lb1"), node("lb2", .fault)]).verdict == .unowned)
        #expect(try judge([node("lb1"), silent("lb2")]).verdict == .unknown)
    }

    @Test func `MASTER without the address is claimed but absent`() throws {
        #expect(try judge([node("lb1", .master), node("lb2")]).verdict == .claimedButAbsent)
        #expect(
            try judge([node("lb1", .master), node("lb2", holds: vip, .master)]).verdict == .claimedButAbsent)
    }

    @Test func `an owner beside a silent node is unknown, and named all the same`() throws {
        let result = try judge([node("lb1", holds: vip, .master), silent("lb2")])
        #expect(result.verdict == .unknown)
        #expect(result.holders == ["lb1"])
        #expect(result.reason.contains("lb2"))
    }

    @Test func `a holder whose daemon says nothing is unknown, not an orphan`() throws {
        #expect(try judge([node("lb1", holds: vip, nil), node("lb2")]).verdict == .unknown)
    }

    @Test func `an observer that sends elsewhere makes it stale`() throws {
        let owner = try node("lb1", holds: vip, .master)
        let peer = try node("lb2")
        let right = try node("client9", neighbour: ("203.0.113.50", "02:00:00:00:01:01"))
        let wrong = try node("client9", neighbour: ("203.0.113.50", "02:00:00:00:01:02"))
        let foreign = try node("client9", neighbour: ("203.0.113.50", "02:00:00:00:0f:0f"))
        #expect(try judge([owner, peer], observers: [right]).verdict == .owned)
        #expect(try judge([owner, peer], observers: [wrong]).verdict == .staleARP)
        let result = try judge([owner, peer], observers: [foreign])
        #expect(result.verdict == .staleARP)
        #expect(result.reason.contains("none of the cluster's"))
        let mac = try #require(result.arp.first?.mac)
        #expect(result.words(for: mac, of: nil) == "\(mac), nobody of this cluster")
        // A node that did not answer may have any address that nobody else has.
        let unsure = try judge([owner, peer, silent("lb3")], observers: [foreign])
        #expect(unsure.verdict == .unknown)
        #expect(unsure.words(for: mac, of: nil) == "\(mac), perhaps lb3, which did not answer")
    }

    @Test
    func `a peer that does not hold it is an observer too, an observer's silence is none of the verdict's`()
        throws
    {
        let peer = try node("lb2", neighbour: ("203.0.113.50", "02:00:00:00:01:02"))
        #expect(try judge([node("lb1", holds: vip, .master), peer]).verdict == .staleARP)
        #expect(
            try judge([node("lb1", holds: vip, .master), node("lb2")], observers: [silent("client")]).verdict
                == .owned)
    }

    /// A node that answers and cannot say what addresses it has: no `ip`, or no process left to run it.
    private func blind(_ name: String, _ role: LiveState.Role? = .backup) throws -> (HostID, ProbeResult) {
        let facts = try node(name, role).1.get()
        var blind = HostFacts(host: HostID(name))
        blind.set(KeepalivedFact.self, to: try #require(facts.known(KeepalivedFact.self)))
        return (HostID(name), .success(blind))
    }

    @Test func `who cannot say what addresses it has is silent, and no witness that it has none`() throws {
        let beside = try judge([node("lb1", holds: vip, .master), blind("lb2")])
        #expect(beside.verdict == .unknown)
        #expect(beside.reason.contains("lb2") && beside.reason.contains("addresses"), "\(beside.reason)")
        #expect(try judge([blind("lb1"), blind("lb2")]).verdict == .unknown)
        #expect(try judge([node("lb1"), blind("lb2", .master)]).verdict == .unknown)
    }

    @Test func `a holder whose role nobody knows makes two holders no orphan`() throws {
        let mute = try node("lb2", holds: vip, nil)
        let result = try judge([node("lb1", holds: vip, .master), mute])
        #expect(result.verdict == .unknown)
        #expect(result.reason.contains("lb2"), "\(result.reason)")
        #expect(try judge([node("lb1", holds: vip, runs: false), mute]).verdict == .orphan, "lb1's is one")
    }

    @Test func `a holder whose daemon knows of no such address is a leftover`() throws {
        var facts = try node("lb2", holds: vip).1.get()
        var daemon = try #require(facts.known(KeepalivedFact.self))
        daemon.state = LiveState(instances: [
            LiveState.Instance(name: "VI_2", role: .master, addresses: ["203.0.113.99/24"])
        ])
        facts.set(KeepalivedFact.self, to: daemon)
        let ignorant: (HostID, ProbeResult) = ("lb2", .success(facts))
        #expect(try judge([node("lb1", holds: vip, .master), ignorant]).verdict == .orphan)
        #expect(try judge([node("lb1"), ignorant]).verdict == .orphan)
    }

    /// With `use_vmac` every node of a router has the router's own link-layer address (RFC 5798, 7.3).
    @Test func `a link-layer address that the router's nodes share is the owner's`() throws {
        func shared(_ name: String, holds: String? = nil, _ role: LiveState.Role) throws -> (
            HostID, ProbeResult
        ) {
            var facts = try node(name, holds: holds, role).1.get()
            var interfaces = try #require(facts.known(InterfacesFact.self))
            interfaces.append(Interface(name: "vrrp.51", mac: MACAddress("00:00:5e:00:01:33")))
            facts.set(InterfacesFact.self, to: interfaces)
            return (HostID(name), .success(facts))
        }
        let client = try node("client9", neighbour: ("203.0.113.50", "00:00:5e:00:01:33"))
        for owner in ["lb1", "lb2"] {
            let nodes = try ["lb1", "lb2"].map {
                try shared($0, holds: $0 == owner ? vip : nil, $0 == owner ? .master : .backup)
            }
            let result = try judge(nodes, observers: [client])
            #expect(result.verdict == .owned, "\(result.reason)")
            #expect(result.arp.map(\.node) == [HostID(owner)])
        }
    }

    @Test func `203_0_113_5 is not 203_0_113_50`() throws {
        let nodes = [try node("lb1", holds: vip, .master), try node("lb2")]
        let result = try judge(nodes, "203.0.113.5")
        #expect(result.holders.isEmpty)
        #expect(result.verdict != .owned)
    }
}
