import Facts
import Inventory
import Remote
import Rendering

/// What must be known of the nodes before a plan can be made: their distributions, releases of
/// keepalived, interfaces and what they hold.
struct Preflight: Sendable {
    var facts: [HostID: HostFacts]

    /// Asks every node of every cluster, at most `window` at once. Who does not answer is missing here, and named when the
    /// plan's own question is not answered either.
    ///
    /// - Throws: `InterruptedQuestion`.
    static func ask(
        _ fleet: Fleet, over transport: any Transport, window: Int
    ) async throws(InterruptedQuestion) -> Preflight {
        let scripts = Dictionary(
            fleet.clusters.flatMap { cluster in
                cluster.nodes.map { ($0.id, RenderedNode.scriptQuestions($0, of: cluster)) }
            }
        ) { first, _ in first }
        let targets = fleet.clusters.flatMap { $0.nodes.map(\.target) }
        let answers = try await transport.question(targets, window: window) {
            await transport.facts(
                of: $0, Probe(.rendering + (scripts[$0.id] ?? [])))
        }
        let known = zip(targets, answers).compactMap { target, answer in
            (try? answer.get()).map { (target.id, $0) }
        }
        return Preflight(facts: Dictionary(known) { first, _ in first })
    }

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
