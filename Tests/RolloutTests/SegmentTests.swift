import Addresses
import Facts
import FoundationEssentials
import HaopsTestSupport
import Inventory
import Remote
import Testing

@testable import Rollout

/// Whether somebody else has an address that is about to be configured for the first time, and what is done where that
/// cannot be told.
struct SegmentTests {
    private static let silence = """
        arping() { echo 'ARPING 203.0.113.50 from 0.0.0.0 eth1'; echo 'Sent 2 probes (2 broadcast(s))'; }

        """
    private static let stranger = """
        arping() {
          echo 'Unicast reply from 203.0.113.50 [02:00:00:00:09:09]  0.7ms'
          echo 'Sent 1 probes (1 broadcast(s))'
        }

        """
    /// A machine that listens for adverts.
    private static func ears(_ adverts: String = "") -> String {
        "timeout() { shift; \"$@\"; }\ntcpdump() { echo '\(adverts)'; }\n"
    }

    /// No arping, and a kernel that sends nothing.
    private static let nothing = """
        arping() { return 2; }
        ping() { return 1; }
        sleep() { case $1 in 0.*) ;; *) command sleep "$1" ;; esac; }

        """

    private static let nodes = ["lb1", "lb2"].map { HostID($0) }

    private static func cluster(vip: String = "203.0.113.50/24") throws -> Cluster {
        let vip = VirtualAddress(cidr: try #require(CIDR(vip)))
        let instance = VRRPInstance(
            name: "VI_1", routerID: 51, addresses: [vip], preferred: nodes[0],
            priorities: [nodes[0]: 150, nodes[1]: 100])
        return Cluster(
            name: "web", nodes: nodes.map { Node(id: $0, target: SSHTarget(id: $0, host: $0.name)) },
            keepalived: KeepalivedSettings(interface: "eth1", instances: [instance]))
    }

    /// What a plan that changes `changed` is told, after the nodes have said what they have.
    ///
    /// - `early`: what the first node has heard already, while it was asked for its interfaces.
    private func judged(
        _ scenes: [HostID: String], then later: [HostID: String]? = nil, changed: [HostID] = nodes,
        running: Set<HostID> = [], isNew: Bool = false, early: [IPAddress: [MACAddress]]? = nil
    ) async throws -> ClusterPlan {
        let cluster = try Self.cluster()
        let asked = StagedNodes(scenes: scenes)
        var preflight = Preflight()
        for node in cluster.nodes {
            var facts = try await asked.facts(of: node.target, Probe([InterfacesFact()])).get()
            if let early, node.id == Self.nodes[0] {
                facts.set(SegmentFact.self, to: early)
                var heard = HeardAdverts()
                heard.adverts["eth1"] = []
                facts.set(RouterIDsFact.self, to: heard)
            }
            preflight.add(facts, of: node, in: cluster)
        }
        var plan = ClusterPlan(
            cluster: cluster, purpose: "apply",
            nodes: cluster.nodes.filter { changed.contains($0.id) }.map {
                NodePlan(node: $0, keepalived: .reload)
            }, goal: .converge([:]))
        plan.expected = running
        if isNew {
            let new = Set(cluster.virtualAddresses.map(\.vip.cidr.address))
            for index in plan.nodes.indices { plan.nodes[index].absentBefore.addresses = new }
        }
        var plans = [plan]
        try await preflight.askSegment(for: &plans, over: StagedNodes(scenes: later ?? scenes), window: 2)
        return try #require(plans.first)
    }

    private func both(_ scene: String, adverts: String = "") -> [HostID: String] {
        let scene = scene + Self.ears(adverts)
        return ["lb1": scene, "lb2": scene]
    }

    private static func advert(from source: String, id: Int) -> String {
        "09:35:48.5 IP \(source) > 224.0.0.18: VRRPv2, Advertisement, vrid \(id), prio 100, authtype none, intvl 1s, length 20"
    }

    @Test func `a router id that somebody else uses is in the way`() async throws {
        let card = StagedNodes.card(addresses: ["203.0.113.11/24"]) + Self.silence
        let taken = try await judged(both(card, adverts: Self.advert(from: "203.0.113.99", id: 51)))
        #expect(
            taken.obstacles == [
                "`lb1`: router id 51 of VI_1 is in use already on `eth1`: 203.0.113.99 sends adverts with it"
            ])
        let other = try await judged(both(card, adverts: Self.advert(from: "203.0.113.99", id: 52)))
        #expect(other.obstacles.isEmpty && other.nodes.flatMap(\.notes).isEmpty)
        let own = try await judged(both(card, adverts: Self.advert(from: "203.0.113.11", id: 51)))
        #expect(own.obstacles.isEmpty)
    }

    @Test func `nodes without tcpdump cannot say whose a router id is, and it is said`() async throws {
        let scene =
            "command() { case $2 in tcpdump) return 1 ;; esac; }\n" + StagedNodes.card() + Self.silence
        let plan = try await judged(["lb1": scene, "lb2": scene])
        #expect(plan.obstacles.isEmpty)
        #expect(plan.nodes.contains { $0.notes.contains { $0.contains("router id 51") } })
    }

    @Test func `an address that nobody answers for is free`() async throws {
        let plan = try await judged(both(StagedNodes.card() + Self.silence))
        #expect(plan.obstacles.isEmpty && plan.nodes.flatMap(\.notes).isEmpty)
    }

    @Test(arguments: [["lb1", "lb2"], ["lb2"]])
    func `a stranger's address is in the way, whichever node heard it`(changed: [String]) async throws {
        let plan = try await judged(
            both(StagedNodes.card() + Self.stranger), changed: changed.map { HostID($0) })
        #expect(plan.obstacles.count == 1)
        #expect(plan.obstacles.first?.contains("02:00:00:00:09:09 answers for it") == true)
    }

    @Test func `nobody is trusted because no interface is connected`() async throws {
        let plan = try await judged(both(StagedNodes.card(flags: "UP") + Self.silence))
        #expect(plan.obstacles.first?.contains("no node has `eth1` up and connected") == true)
    }

    @Test func `a dark segment keeps nobody from the rest of the work`() async throws {
        let dark = both(StagedNodes.card(flags: "UP") + Self.silence)
        let known = try await judged(dark, running: ["lb1"])
        #expect(known.obstacles.isEmpty)
        let notes: [String] = known.nodes.flatMap(\.notes)
        #expect(notes.first?.contains("no node has `eth1` up and connected") == true)
        let new = try await judged(dark, running: ["lb1"], isNew: true)
        #expect(new.obstacles.count == 1)
    }

    @Test func `a question that did not get through is in the way`() async throws {
        let plan = try await judged(both(StagedNodes.card() + Self.silence), then: [:])
        #expect(plan.obstacles.first?.contains("could not be asked whether 203.0.113.50") == true)
    }

    @Test func `a node that cannot say what addresses it has is in the way`() async throws {
        let plan = try await judged(["lb1": StagedNodes.card() + Self.silence, "lb2": "ip() { return 1; }\n"])
        #expect(plan.obstacles.first?.contains("cannot say what addresses it has") == true)
    }

    @Test func `nodes without a means to ask are no obstacle, and it is said`() async throws {
        let plan = try await judged(both(StagedNodes.card() + Self.nothing))
        #expect(plan.obstacles.isEmpty)
        #expect(plan.nodes.contains { $0.notes.contains { $0.contains("no other machine has it") } })
    }

    @Test func `what was heard with the first question is not asked again`() async throws {
        let vip = try #require(IPAddress("203.0.113.50"))
        let scenes = both(StagedNodes.card())
        let free = try await judged(scenes, then: [:], early: [vip: []])
        #expect(free.obstacles.isEmpty && free.nodes.flatMap(\.notes).isEmpty)
        let mac = try #require(MACAddress("02:00:00:00:09:09"))
        let taken = try await judged(scenes, then: [:], early: [vip: [mac]])
        #expect(taken.obstacles.first?.contains("02:00:00:00:09:09 answers for it") == true)
        let own = try await judged(
            scenes, then: [:], early: [vip: [try #require(MACAddress("02:00:00:00:01:0b"))]])
        #expect(own.obstacles.isEmpty, "a node of the cluster answered")
    }

    @Test func `all clusters ask their segments at the same time`() async throws {
        // The first `ask` to begin waits for the second one.
        let meeting = FileManager.default.temporaryDirectory.path + "/haops-segment-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: meeting, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: meeting) }
        func scene(_ own: String, _ other: String) -> String {
            StagedNodes.card() + Self.ears() + """
                arping() {
                  : >'\(meeting)/\(own)'
                  n=0
                  while [ ! -e '\(meeting)/\(other)' ]; do
                    n=$((n + 1))
                    [ $n -lt 500 ] || return 2
                    sleep 0.02
                  done
                  echo 'Sent 2 probes (2 broadcast(s))'
                }
                ping() { return 1; }

                """
        }
        let first = try Self.cluster()
        var second = try Self.cluster(vip: "203.0.113.51/24")
        second.name = "mail"
        for index in second.nodes.indices {
            second.nodes[index].id = HostID("m\(index)")
            second.nodes[index].target = SSHTarget(id: second.nodes[index].id, host: "m\(index)")
        }
        var scenes: [HostID: String] = [:]
        for node in first.nodes { scenes[node.id] = scene("a", "b") }
        for node in second.nodes { scenes[node.id] = scene("b", "a") }
        var (preflight, plans) = (Preflight(), [ClusterPlan]())
        for cluster in [first, second] {
            for node in cluster.nodes {
                let facts = await StagedNodes(scenes: scenes).facts(
                    of: node.target, Probe([InterfacesFact()]))
                preflight.add(try facts.get(), of: node, in: cluster)
            }
            plans.append(
                ClusterPlan(
                    cluster: cluster, purpose: "apply",
                    nodes: cluster.nodes.map { NodePlan(node: $0, keepalived: .reload) }, goal: .converge([:])
                ))
        }
        try await preflight.askSegment(for: &plans, over: StagedNodes(scenes: scenes), window: 4)
        #expect(plans.allSatisfy { $0.obstacles.isEmpty && $0.nodes.flatMap(\.notes).isEmpty })
    }
}
