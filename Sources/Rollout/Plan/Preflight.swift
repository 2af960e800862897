import Facts
import Inventory
import Remote
import Rendering

/// What a plan must know of the nodes apart from their differences: distributions, releases of keepalived,
/// interfaces, scripts, and who has the virtual addresses.
struct Preflight: Sendable {
    /// The facts of the nodes that answered.
    private(set) var facts: [HostID: HostFacts] = [:]

    /// The facts that only the preflight needs, asked in the planner's question. The planner must not see the
    /// answers, because a failure to read one must not block a change.
    ///
    /// The first node of a cluster asks the segment, as long as keepalived was never started there.
    static func questions(_ node: Node, of cluster: Cluster) -> [any Fact] {
        let isFirst = node.id == cluster.nodes.first?.id
        let addresses = isFirst ? segmentQuestions(node, cluster) : []
        let interfaces = isFirst ? advertInterfaces(node, cluster) : []
        return RenderedNode.scriptQuestions(node, of: cluster)
            + (addresses.isEmpty ? [] : [SegmentFact(addresses, onlyBeforeService: true)])
            + (interfaces.isEmpty ? [] : [RouterIDsFact(interfaces, onlyBeforeService: true)])
    }

    /// Stores a node's answer.
    mutating func add(_ answer: HostFacts, of node: Node, in cluster: Cluster) {
        facts[node.id] = answer.keeping(
            [any Fact].preflight + [ConfigurationFilesFact(.keepalived)] + Self.questions(node, of: cluster))
    }

    mutating func add(_ other: Preflight) { facts.merge(other.facts) { first, _ in first } }

    /// The families of nodes whose distribution is not of Debian's family.
    var families: [HostID: NodeFamily] {
        facts.compactMapValues { $0.known(SystemFact.self)?.usesSysconfig == true ? .redhat : nil }
    }

    /// Checks the inventory against these nodes: a VIP outside its interface's networks, an interface that does not
    /// exist.
    ///
    /// - Returns: the warnings.
    /// - Throws: `InventoryError` with all errors.
    func validate(_ fleet: Fleet) throws(InventoryError) -> [Diagnostic] {
        let networks = facts.compactMapValues { facts in
            facts.known(InterfacesFact.self).map { interfaces in
                Dictionary(interfaces.map { ($0.name, $0.addresses.map(\.cidr)) }) { first, _ in first }
            }
        }
        let found = problems(in: fleet, interfaceNetworks: networks)
        guard !found.contains(where: { $0.severity == .error }) else {
            throw InventoryError(diagnostics: found, text: fleet.text)
        }
        return found
    }
}
