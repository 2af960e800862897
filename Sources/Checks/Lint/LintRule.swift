import Addresses
import Keepalived

/// One mistake that lint recognises, with an identifier that never changes.
///
/// Its documentation comment (Condition, Why, Remedy) becomes its section in docs/Checks.md.
protocol LintRule: Sendable {
    static var id: String { get }
}

/// A mistake within the configuration of one node.
protocol NodeRule: LintRule {
    func check(_ node: LintNode) -> [Finding]
}

/// A mistake between the configurations of nodes that share addresses.
protocol PeerRule: LintRule {
    func check(_ peers: Peers) -> [Finding]
}

/// A mistake that only a look at all nodes of a cluster shows.
protocol ClusterRule: LintRule {
    func check(_ nodes: [LintNode]) -> [Finding]
}

/// One instance as the nodes of a cluster configure it.
struct Peers {
    struct Member {
        var node: LintNode
        var instance: Instance

        /// The priority in its adverts while all checks pass; `nil` when it cannot be MASTER.
        var priority: Int? {
            arithmetic.outcome().priority
        }

        fileprivate var identity: RouterIdentity {
            RouterIdentity(
                node: node.name, name: instance.name, routerID: instance.virtualRouterID?.value,
                interface: instance.interface?.value ?? "", isIPv6: instance.family == .ipv6,
                addresses: Set(instance.allAddresses.map(\.address)))
        }

        var arithmetic: PriorityArithmetic { PriorityArithmetic(of: instance, in: node.configuration) }
    }

    var members: [Member]

    var names: [String] { members.map(\.node.name) }

    /// The virtual routers that more than one node takes part in.
    static func groups(in nodes: [LintNode]) -> [Peers] {
        allGroups(in: nodes).filter { $0.count > 1 }.map(Peers.init(members:))
    }

    /// The instances that are on one node only.
    static func alone(in nodes: [LintNode]) -> [Member] {
        allGroups(in: nodes).filter { $0.count == 1 }.flatMap(\.self)
    }

    private static func allGroups(in nodes: [LintNode]) -> [[Member]] {
        let members = nodes.flatMap { node in node.instances.map { Member(node: node, instance: $0) } }
        return RouterIdentity.grouped(members, by: \.identity)
    }

    /// The members by the cluster that they belong to: whoever has no address in common with the others uses the
    /// router id of another cluster, and there is nothing to agree on with it.
    var clusters: [Peers] {
        var clusters: [(addresses: Set<IPAddress>, members: [Member])] = []
        for member in members {
            let addresses = Set(member.instance.allAddresses.map(\.address))
            // Without an address it belongs to whoever is there.
            let homes = clusters.indices.filter { index in
                addresses.isEmpty || clusters[index].addresses.isEmpty
                    || !addresses.isDisjoint(with: clusters[index].addresses)
            }
            var joined = (addresses: addresses, members: [Member]())
            for index in homes {
                joined.addresses.formUnion(clusters[index].addresses)
                joined.members += clusters[index].members
            }
            joined.members.append(member)
            for index in homes.reversed() { clusters.remove(at: index) }
            clusters.append(joined)
        }
        return clusters.filter { $0.members.count > 1 }.map { Peers(members: $0.members) }
    }

    /// A finding about several members, at the first one's place, with every place as evidence.
    func finding(
        _ id: String, _ severity: Finding.Severity, _ members: [Member]? = nil,
        at place: (Instance) -> ConfigurationLocation?, _ message: String, effect: String, fix: String,
        evidence: [Evidence] = []
    ) -> Finding {
        let concerned = members ?? self.members
        var lines: [Evidence] = []
        for member in concerned where !member.node.sources.isEmpty {
            var line = member.node.evidence(at: place(member.instance) ?? member.instance.location)
            line.node = member.node.name
            lines.append(line)
        }
        let first = concerned.first
        let location = first.map { place($0.instance) ?? $0.instance.location }
        return Finding(
            id: id, severity: severity, nodes: concerned.map(\.node.name), file: location?.file,
            line: location?.line, column: location?.column, message: message, effect: effect, fix: fix,
            evidence: lines + evidence)
    }

    /// Whether any node's keepalived satisfies a condition.
    func anyVersion(_ isTrue: (KeepalivedVersion) -> Bool) -> Bool {
        members.contains { isTrue($0.node.version) }
    }

    /// The effect of refused adverts.
    static let refusal = "each node refuses the other's adverts and becomes MASTER: the address is held twice"
    /// The effect for adverts that keepalived 1.x only ignores.
    var refusal: String { anyVersion(\.dropsDisagreeingAdverts) ? Self.refusal : neitherStepsBack }
}
