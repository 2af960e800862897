import Addresses
import Facts
import Inventory
import Remote
import Rendering

/// What must be known of the nodes before a plan can be made: their distributions, releases of
/// keepalived, interfaces and what they hold.
struct Preflight: Sendable {
    var facts: [HostID: HostFacts]

    static func ask(_ fleet: Fleet, over transport: any Transport, window: Int, console: Console) async
        -> Preflight
    {
        let answers = await transport.askAll(
            fleet.clusters.flatMap { $0.nodes.map(\.target) }, window: window, what: "asking",
            console: console.silenced
        ) { await transport.facts(of: $0, Probe([SystemFact(), VersionFact(), InterfacesFact()])) }
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

    /// Asks the segment, from one node, about every address of a cluster that none of its nodes holds: it is about to
    /// be configured for the first time, and somebody else may have it.
    ///
    /// - Returns: one sentence per address that is taken, with the node that heard the answer.
    func strangers(
        on cluster: Cluster, over transport: any Transport
    ) async -> [(heardBy: HostID, what: String)] {
        guard let settings = cluster.keepalived,
            cluster.nodes.allSatisfy({ facts[$0.id]?.known(InterfacesFact.self) != nil })
        else { return [] }
        let own = Set(facts.values.flatMap { $0.known(InterfacesFact.self) ?? [] }.compactMap(\.mac))
        let free = cluster.virtualAddresses.filter { _, vip in
            !cluster.nodes.contains { facts[$0.id]?.interface(holding: vip.cidr.address) != nil }
        }
        // From the first node whose interface for it is up.
        var questions: [HostID: [SegmentFact.Question]] = [:]
        for (instance, vip) in free {
            for node in cluster.nodes {
                let name = vip.interface ?? settings.interface(of: instance, on: node)
                let interfaces = facts[node.id]?.known(InterfacesFact.self) ?? []
                guard interfaces.contains(where: { $0.name == name && $0.hasCarrier }) else { continue }
                questions[node.id, default: []].append(.init(address: vip.cidr.address, interface: name))
                break
            }
        }
        var strangers: [(HostID, String)] = []
        for node in cluster.nodes {
            guard let questions = questions[node.id],
                case .success(let answer) = await transport.facts(
                    of: node.target, Probe([SegmentFact(questions)]))
            else { continue }
            for (address, macs) in (answer.known(SegmentFact.self) ?? [:]).sorted(by: { $0.key < $1.key }) {
                for mac in macs where !own.contains(mac) {
                    strangers.append(
                        (
                            node.id,
                            "\(address) is in use already: \(mac) answers for it, and it is none of the cluster's"
                        ))
                }
            }
        }
        return strangers
    }
}
