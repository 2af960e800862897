import Addresses
import Facts
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
    /// No arping, and a kernel that sends nothing.
    private static let nothing = "arping() { return 2; }\nping() { return 1; }\nsleep() { :; }\n"

    /// What a plan that changes `changed` is told, after the nodes have said what they have.
    private func judged(
        _ scenes: [HostID: String], then later: [HostID: String]? = nil, changed: [HostID] = ["lb1", "lb2"],
        running: Set<HostID> = [], isNew: Bool = false
    ) async throws -> ClusterPlan {
        let nodes = ["lb1", "lb2"].map { HostID($0) }
        let vip = VirtualAddress(cidr: try #require(CIDR("203.0.113.50/24")))
        let instance = VRRPInstance(
            name: "VI_1", routerID: 51, addresses: [vip], preferred: nodes[0],
            priorities: [nodes[0]: 150, nodes[1]: 100])
        let cluster = Cluster(
            name: "web", nodes: nodes.map { Node(id: $0, target: SSHTarget(id: $0, host: $0.name)) },
            keepalived: KeepalivedSettings(interface: "eth1", instances: [instance]))
        let fleet = Fleet(source: "", clusters: [cluster])
        let preflight = try await Preflight.ask(
            fleet, over: StagedNodes(scenes: scenes), window: 2)
        var plan = ClusterPlan(
            cluster: cluster, purpose: "apply",
            nodes: cluster.nodes.filter { changed.contains($0.id) }.map {
                NodePlan(node: $0, keepalived: .reload)
            }, goal: .converge([:]))
        plan.expected = running
        if isNew {
            for index in plan.nodes.indices { plan.nodes[index].absentBefore.addresses = [vip.cidr.address] }
        }
        try await preflight.askSegment(for: &plan, over: StagedNodes(scenes: later ?? scenes))
        return plan
    }

    private func both(_ scene: String) -> [HostID: String] { ["lb1": scene, "lb2": scene] }

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
        #expect(plan.nodes.contains { $0.notes.contains { $0.contains("make sure that nobody has it") } })
    }
}
