import Addresses
import Inventory
import Keepalived
import Remote
import Rendering
import Testing

@testable import Rollout

/// Two or three nodes with one instance, and views of them.
enum TestCluster {
    static let lb1 = HostID("lb1")
    static let lb2 = HostID("lb2")
    static let lb3 = HostID("lb3")
    static let vip = "203.0.113.50"

    static func make(_ nodes: [HostID] = [lb1, lb2], preempt: Bool = true) throws -> Cluster {
        let priorities = Dictionary(uniqueKeysWithValues: zip(nodes, [150, 100, 50]))
        let cidr = try #require(CIDR("203.0.113.50/24"))
        let instance = VRRPInstance(
            name: "VI_1", routerID: 51, addresses: [VirtualAddress(cidr: cidr)], preferred: lb1,
            priorities: priorities)
        return Cluster(
            name: "web",
            nodes: nodes.map { Node(id: $0, target: SSHTarget(id: $0, host: $0.name)) },
            keepalived: KeepalivedSettings(interface: "eth0", preempt: preempt, instances: [instance]))
    }

    /// A healthy cluster in which `owner` has the address.
    static func view(_ nodes: [HostID] = [lb1, lb2], owner: HostID) throws -> ClusterView {
        let address = try #require(IPAddress(vip))
        let priorities = Dictionary(uniqueKeysWithValues: zip([lb1, lb2, lb3], [150, 100, 50]))
        return ClusterView(
            nodes: Dictionary(
                uniqueKeysWithValues: nodes.map { node in
                    let priorityOverride = node == owner && owner != lb1 ? 151 - (priorities[node] ?? 0) : 0
                    return (
                        node,
                        NodeView(
                            roles: ["VI_1": node == owner ? .master : .backup],
                            priorities: ["VI_1": (priorities[node] ?? 0) + priorityOverride],
                            holds: node == owner ? [address] : [], follows: ["VI_1"],
                            overrides: priorityOverride == 0 ? [:] : ["VI_1": priorityOverride])
                    )
                }))
    }

    /// A plan that reloads keepalived on every node, lowest priority first.
    static func plan(_ cluster: Cluster, packages: [String] = []) -> ClusterPlan {
        var plan = ClusterPlan(
            cluster: cluster, purpose: "apply",
            nodes: cluster.nodes.reversed().map {
                NodePlan(node: $0, packages: packages, keepalived: .reload)
            }, goal: .converge([:]))
        plan.expected = Set(cluster.nodes.map(\.id))
        return plan
    }

    /// Another router id, say: nodes with and without it do not hear each other.
    static let dividingChange = FileChange(
        path: "/etc/keepalived/keepalived.conf", role: .keepalivedConfig, kind: .update,
        effect: .synchronisedReload, reasons: [], breaksPeerCompatibility: true,
        diff: UnifiedDiff(old: [0], new: [1], mask: SecretMask(secrets: [])), contents: [1], mode: 0o640,
        owner: "root:root")
}
