import Addresses
import Checks
import Facts
import Keepalived
import Remote

/// Who owns which virtual address, and how that is known.
struct OwnershipDocument: OutputDocument {
    struct Address: Encodable, Sendable {
        var vip: String
        var cluster: String
        var instance: String?
        var verdict: String
        var reason: String
        var owners: [String]
        var nodes: [Node]
        var arp: [Neighbour]
        /// Of the verdict, for people; not in the document.
        var tone: Style.Tone

        private enum CodingKeys: CodingKey {
            case vip, cluster, instance, verdict, reason, owners, nodes, arp
        }

        init(_ ownership: VIPOwnership) {
            vip = ownership.vip.description
            cluster = ownership.cluster
            instance = ownership.instance
            verdict = ownership.verdict.rawValue
            reason = ownership.reason
            owners = ownership.holders.map(\.name)
            nodes = ownership.nodes.map(Node.init)
            arp = ownership.arp.map {
                Neighbour(
                    observer: $0.observer.name, mac: $0.mac.description, node: $0.node?.name, state: $0.state)
            }
            tone = ownership.verdict.tone
        }
    }

    /// What one node says.
    struct Node: Encodable, Sendable {
        var node: String
        var reachable: Bool
        var holds: Bool?
        var interface: String?
        var keepalived: String
        var claims: String?
        var priority: Int?
        /// From where the role is known.
        var witness: String
        /// By how much an override raises the priority.
        var lift: Int?
        var error: String?

        init(_ view: VIPOwnership.NodeView) {
            node = view.node.name
            reachable = view.isReachable
            holds = view.isReachable ? view.holds : nil
            interface = view.interface
            keepalived = view.daemonWord
            claims = view.claim?.rawValue
            priority = view.priority
            witness = view.roleSource.words
            lift = view.priorityOverride?.value
            error = view.silence?.description
        }
    }

    /// Where an observer sends to.
    struct Neighbour: Encodable, Sendable {
        var observer: String
        var mac: String
        var node: String?
        var state: String
    }

    var vips: [Address]
    var pending: [PendingLines.Entry]

    var table: Table { Self.table(vips) }

    /// A row for each address, for people and programs.
    static func table(_ addresses: [Address]) -> Table {
        Table(
            columns: ["vip", "cluster", "verdict", "owner", "why"],
            rows: addresses.map { address in
                [
                    Table.Cell(address.vip), Table.Cell(address.cluster),
                    Table.Cell(address.verdict, address.tone),
                    Table.Cell(address.owners.isEmpty ? "-" : address.owners.joined(separator: ",")),
                    Table.Cell(address.reason),
                ]
            })
    }
}
