import Facts
import Inventory
import Remote
import Rendering

/// What must be known of the nodes beside how they differ from what they are to be: their distributions, releases of
/// keepalived, interfaces, scripts, and who has their virtual addresses.
struct Preflight: Sendable {
    /// Of the nodes that answered.
    private(set) var facts: [HostID: HostFacts] = [:]

    /// What a node is asked for this alone, in the same question as how it differs. The planner must not see the answers:
    /// that one cannot be read is in the way of no change.
    ///
    /// The first node of a cluster is the one that asks the segment, as long as keepalived was never started there.
    static func questions(_ node: Node, of cluster: Cluster) -> [any Fact] {
        let addresses = node.id == cluster.nodes.first?.id ? segmentQuestions(node, cluster) : []
        return RenderedNode.scriptQuestions(node, of: cluster)
            + (addresses.isEmpty ? [] : [SegmentFact(addresses, onlyBeforeService: true)])
    }

    /// What is taken from the rest of the plan's question.
    private static let shared: [any Fact] = [SystemFact(), InterfacesFact(), KeepalivedFact()]

    /// Takes note of what a node answered.
    mutating func add(_ answer: HostFacts, of node: Node, in cluster: Cluster) {
        facts[node.id] = answer.keeping(Self.shared + Self.questions(node, of: cluster))
    }

    mutating func add(_ other: Preflight) { facts.merge(other.facts) { first, _ in first } }

    /// Nodes whose distribution is not of Debian's family.
    var families: [HostID: NodeFamily] {
        facts.compactMapValues { $0.known(SystemFact.self)?.usesSysconfig == true ? .redhat : nil }
    }

    /// What the inventory gets wrong about these nodes: a VIP outside its interface's networks, an interface that
    /// is not there.
    ///
    /// - Returns: the warnings among it.
    /// - Throws: `InventoryError` with all of it at once.
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
