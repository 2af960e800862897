import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote
import Rollout
import Survey

/// How nodes stand, cluster by cluster.
struct StatusDocument: OutputDocument {
    struct ClusterEntry: Encodable, Sendable {
        var cluster: String
        var nodes: [Node]
        var vips: [Address]
    }

    struct Node: Encodable, Sendable {
        var node: String
        var reachable: Bool
        /// "2.2.7 running".
        var keepalived: String
        var haproxy: String
        var keepalivedVersion: String?
        var haproxyVersion: String?
        var instances: [Instance]
        /// What is wrong with the node as such.
        var trouble: [String]
        /// What it was asked and could not say.
        var unanswered: [String]
        /// How it differs from its inventory; `null` where that is not known.
        var drift: [String]?
        /// What haops itself is doing there, or has left half done.
        var runs: [String]
        var overrides: [Override]
        /// Whether the inventory gives it a haproxy; not in the document.
        var wantsHAProxy: Bool

        private enum CodingKeys: CodingKey {
            case node, reachable, keepalived, haproxy, keepalivedVersion, haproxyVersion, instances, trouble
            case unanswered, drift, runs, overrides
        }
    }

    struct Instance: Encodable, Sendable {
        var instance: String
        var role: String
        var priority: Int
        var basePriority: Int

        /// "VI_1 MASTER 150", and "VI_1 BACKUP 90 of 150" when a check has lowered the priority.
        var words: String {
            "\(instance) \(role) \(priority)" + (basePriority == priority ? "" : " of \(basePriority)")
        }
    }

    struct Override: Encodable, Sendable {
        var instance: String
        var value: Int
        var reason: String?
    }

    struct Address: Encodable, Sendable {
        var vip: String
        var verdict: String
        var reason: String
    }

    var clusters: [ClusterEntry]

    var table: Table { Self.table(clusters.flatMap(\.nodes)) }

    /// A row for each node, for people and programs.
    static func table(_ nodes: [Node]) -> Table {
        Table(
            columns: ["node", "keepalived", "role", "haproxy", "drift"],
            rows: nodes.map { node in
                [
                    Table.Cell(node.node, .strong),
                    Table.Cell(node.keepalived, node.keepalived.hasSuffix("running") ? nil : .bad),
                    Table.Cell(
                        node.instances.isEmpty ? "-" : node.instances.map(\.words).joined(separator: ", ")),
                    Table.Cell(
                        node.haproxy, node.haproxy.hasSuffix("running") || !node.wantsHAProxy ? nil : .bad),
                    node.driftCell,
                ]
            })
    }
}

extension StatusDocument.Node {
    fileprivate var driftCell: Table.Cell {
        guard reachable else { return Table.Cell("unknown: did not answer", .warning) }
        guard let drift else { return Table.Cell("-") }
        guard drift.isEmpty else { return Table.Cell(drift.joined(separator: "; "), .warning) }
        return unanswered.isEmpty
            ? Table.Cell("as the inventory says", .good) : Table.Cell("unknown", .warning)
    }

    init(_ status: NodeStatus) {
        self.init(
            node: status.host.name, reachable: status.isReachable, keepalived: status.keepalivedWord,
            haproxy: status.haproxyWord, keepalivedVersion: status.daemon?.version?.description,
            haproxyVersion: status.haproxy?.version,
            instances: (status.daemon?.state?.instances ?? []).map {
                StatusDocument.Instance(
                    instance: $0.name, role: $0.role.rawValue, priority: $0.effectivePriority,
                    basePriority: $0.basePriority)
            },
            trouble: status.trouble, unanswered: status.unanswered,
            drift: status.plan == nil || !status.isReachable ? nil : status.drift, runs: status.runs,
            overrides: status.overrides.map {
                StatusDocument.Override(instance: $0.instance, value: $0.value, reason: $0.reason)
            },
            wantsHAProxy: status.wantsHAProxy)
    }
}

extension StatusDocument.ClusterEntry {
    init(_ status: ClusterStatus) {
        self.init(
            cluster: status.survey.cluster.name, nodes: status.nodes.map(StatusDocument.Node.init),
            vips: status.survey.ownerships.map {
                StatusDocument.Address(
                    vip: $0.vip.description, verdict: $0.verdict.rawValue, reason: $0.reason)
            })
    }
}
