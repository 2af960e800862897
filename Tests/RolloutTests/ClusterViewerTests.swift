import Addresses
import Facts
import Inventory
import Keepalived
import Remote
import Testing

@testable import Rollout

/// What gates are told of nodes that do not say all.
@Suite struct ClusterViewerTests {
    @Test func `a node that cannot say what addresses it has is silent`() throws {
        let cluster = try TestCluster.make()
        var blind = HostFacts(host: TestCluster.lb2)
        blind.set(
            KeepalivedFact.self,
            to: KeepalivedDaemon(
                pid: 7, state: LiveState(instances: [LiveState.Instance(name: "VI_1", role: .backup)]),
                witness: .daemon))
        var owner = HostFacts(host: TestCluster.lb1)
        let vip = try #require(CIDR("203.0.113.50/24"))
        owner.set(
            InterfacesFact.self, to: [Interface(name: "eth0", addresses: [Interface.Held(cidr: vip)])])
        let view = ClusterViewer.view(
            of: cluster, nodes: [(TestCluster.lb1, .success(owner)), (TestCluster.lb2, .success(blind))],
            observers: [])
        #expect(Set(view.nodes.keys) == [TestCluster.lb1])
        #expect(view.silent[TestCluster.lb2]?.contains("cannot say what addresses it has") == true)
        #expect(
            view.problems(of: cluster, expected: [TestCluster.lb1]).contains { $0.node == TestCluster.lb2 })
    }

    @Test func `nothing is mended while a node cannot say what addresses it has`() throws {
        var blind = Patient.Machine("lb2", .backup)
        blind.isBlind = true
        let leftover = Patient.Machine("lb1", holds: "203.0.113.50/24", nil, priority: 150)
        #expect(try Patient([leftover, blind]).plan.unreachable.keys.map(\.name) == ["lb2"])
    }
}
