import Addresses
import Facts
import Inventory
import Remote
import Rendering

/// What must be known of the nodes before a plan can be made: their distributions, releases of
/// keepalived, interfaces and what they hold.
struct Preflight: Sendable {
    var facts: [HostID: HostFacts]

    static func ask(_ fleet: Fleet, over transport: any Transport, window: Int, console: Console) async throws
        -> Preflight
    {
        let scripts = Dictionary(
            fleet.clusters.flatMap { cluster in
                cluster.nodes.map { ($0.id, RenderedNode.scriptQuestions($0, of: cluster)) }
            }
        ) { first, _ in first }
        let answers = await transport.askAll(
            fleet.clusters.flatMap { $0.nodes.map(\.target) }, window: window, what: "asking",
            console: console.silenced
        ) {
            await transport.facts(
                of: $0, Probe([SystemFact(), VersionFact(), InterfacesFact()] + (scripts[$0.id] ?? [])))
        }
        try InterruptedQuestion.check(answers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        return Preflight(facts: answers.compactMapValues { try? $0.get() })
    }

    var families: [HostID: NodeFamily] {
        facts.compactMapValues { $0.known(SystemFact.self)?.usesSysconfig == true ? .redhat : nil }
    }

    /// What the inventory gets wrong about these nodes: a VIP outside its interface's networks, an interface that
    /// is not there.
    ///
    /// - Throws: `InventoryError` with all of it at once.
    func judge(_ fleet: Fleet, console: Console) throws {
        let networks = facts.compactMapValues { facts in
            facts.known(InterfacesFact.self).map { interfaces in
                Dictionary(interfaces.map { ($0.name, $0.addresses.map(\.cidr)) }) { first, _ in first }
            }
        }
        let found = problems(in: fleet, interfaceNetworks: networks)
        guard !found.contains(where: { $0.severity == .error }) else {
            throw InventoryError(diagnostics: found, text: fleet.text)
        }
        for warning in found { console.report(warning, from: fleet.text) }
    }
}
