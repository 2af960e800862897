import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote
import Rollout
import Survey

/// How nodes stand, cluster by cluster.
struct StatusDocument: OutputDocument, Codable {
    struct ClusterEntry: Codable, Sendable {
        var cluster: String
        var nodes: [Node]
        var vips: [Address]
    }

    struct Node: Codable, Sendable {
        var cluster: String
        var node: String
        var reachable: Bool
        /// "2.2.7 running".
        var keepalived: String
        var haproxy: String
        /// `null` where it is not known.
        var keepalivedRunning: Bool?
        var haproxyRunning: Bool?
        var keepalivedVersion: String?
        var haproxyVersion: String?
        var instances: [Instance]
        /// What is wrong with the node as such.
        var trouble: [String]
        /// What works now, and worse than it should.
        var warnings: [String]
        /// What it was asked and could not say.
        var unanswered: [String]
        /// How it differs from its inventory; `null` where that is not known.
        var drift: [String]?
        /// What haops itself is doing there, or has left half done.
        var runs: [String]
        var overrides: [Override]
        /// Servers of haproxy that haops keeps out of service there.
        var keptServers: [KeptServerLines.Entry]
        /// Whether the inventory gives it a haproxy; not in the document.
        var wantsHAProxy = false

        private enum CodingKeys: CodingKey {
            case cluster, node, reachable, keepalived, haproxy, keepalivedRunning, haproxyRunning
            case keepalivedVersion, haproxyVersion, instances, trouble
            case warnings, unanswered, drift, runs, overrides, keptServers
        }
    }

    struct Instance: Codable, Sendable {
        var instance: String
        @Word<LiveState.Role> var role: String
        /// `null` where the daemon did not say.
        var priority: Int?
        var basePriority: Int?

        /// "VI_1 MASTER 150", "VI_1 BACKUP 90 of 150" when a check has lowered the priority, "VI_1 MASTER ?" when it is
        /// not known.
        var words: String {
            guard let priority else { return "\(instance) \(role) ?" }
            let base = basePriority.map { $0 == priority ? "" : " of \($0)" } ?? ""
            return "\(instance) \(role) \(priority)\(base)"
        }
    }

    struct Override: Codable, Sendable {
        var instance: String
        var value: Int
        var reason: String?
    }

    struct Address: Codable, Sendable {
        var cluster: String
        var vip: String
        @Word<VIPOwnership.Verdict> var verdict: String
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
                    Table.Cell(node.keepalived, node.keepalived.contains("running") ? nil : .bad),
                    Table.Cell(
                        node.instances.isEmpty ? "-" : node.instances.map(\.words).joined(separator: ", ")),
                    Table.Cell(
                        node.haproxy, node.haproxy.contains("running") || !node.wantsHAProxy ? nil : .bad),
                    node.driftCell,
                ]
            })
    }
}

extension StatusDocument.Instance {
    init(_ live: LiveState.Instance) {
        self.init(
            instance: live.name, role: live.role.rawValue, priority: live.effectivePriority,
            basePriority: live.basePriority)
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

    init(_ status: NodeStatus, of cluster: String) {
        self.init(
            cluster: cluster, node: status.host.name, reachable: status.isReachable,
            keepalived: status.keepalivedWord,
            haproxy: status.haproxyWord,
            keepalivedRunning: status.isReachable ? status.daemon?.isRunning : nil,
            haproxyRunning: status.isReachable ? status.haproxy?.isRunning : nil,
            keepalivedVersion: status.daemon?.version?.description,
            haproxyVersion: status.haproxy?.version,
            instances: (status.daemon?.state?.instances ?? []).map(StatusDocument.Instance.init),
            trouble: status.trouble, warnings: status.warnings, unanswered: status.unanswered,
            drift: status.plan == nil || !status.isReachable ? nil : status.drift, runs: status.runs,
            overrides: status.overrides.map {
                StatusDocument.Override(instance: $0.instance, value: $0.value, reason: $0.reason)
            },
            keptServers: status.keptServers.map { KeptServerLines.Entry($0, on: status.host) },
            wantsHAProxy: status.wantsHAProxy)
    }
}

extension StatusDocument.ClusterEntry {
    init(_ status: ClusterStatus) {
        self.init(
            cluster: status.survey.cluster.name,
            nodes: status.nodes.map { StatusDocument.Node($0, of: status.survey.cluster.name) },
            vips: status.survey.ownerships.map {
                StatusDocument.Address(
                    cluster: status.survey.cluster.name, vip: $0.vip.description,
                    verdict: $0.verdict.rawValue, reason: $0.reason)
            })
    }
}
