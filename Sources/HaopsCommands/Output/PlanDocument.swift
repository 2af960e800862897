import Inventory
import Remote
import Rendering
import Rollout

/// What a run would change, or is about to.
struct PlanDocument: OutputDocument, Codable {
    /// What is changed on one node.
    struct Node: Codable, Sendable {
        var cluster: String
        var node: String
        var changes: [Change]
        var packages: [String]
        var sysctl: [Setting]
        var firewall: [String]
        @Word<DaemonAction> var keepalived: String
        @Word<DaemonAction> var haproxy: String
        var enable: [String]
        var disable: [String]
        var obstacles: [String]
        var notes: [String]
    }

    /// One file.
    struct Change: Codable, Sendable {
        var path: String
        @Word<FileChange.Kind> var kind: String
        @Word<FileEffect> var effect: String
        var reasons: [String]
        /// `null` where the secrets in it are not known, so that they cannot be masked.
        var diff: String?
    }

    struct Setting: Codable, Sendable {
        var key: String
        var before: String?
        var after: String
    }

    struct Step: Codable, Sendable {
        var cluster: String
        /// From 1, in the order of work on the cluster.
        var number: Int
        var node: String?
        var what: String
    }

    /// One instance that changes its owner.
    struct Move: Codable, Sendable {
        var cluster: String
        var instance: String
        var from: String
        var to: String?
        @Word<PredictedMove.Means> var means: String
        var outageMs: Int?
        var delayMs: Int?
        @WordIfKnown<PredictedMove.Trigger> var delayAfter: String?
    }

    struct Summary: Codable, Sendable {
        var clusters: Int
        var changedClusters: Int
        var nodes: Int
        var changedNodes: Int
        var changes: Int
        var restarts: Int
        var reloads: Int
        var starts: Int
        var stops: Int
        var longestOutageMs: Int?
        /// Clusters whose plan is refused as it stands.
        var blocked: [String]
        var clustersAtOnce: Int
        var expectedDurationMs: Int?
        var durationBasis: String
    }

    var nodes: [Node]
    var steps: [Step]
    var moves: [Move]
    var unreachable: [String]
    /// Servers of haproxy that haops keeps out of service; they stay so.
    var keptServers: [KeptServerLines.Entry]
    var summary: Summary

    init(_ plans: [ClusterPlan], summary: PlanSummary, hidesDiffs: Bool) {
        nodes = plans.flatMap { plan in
            plan.nodes.map { Node($0, of: plan.cluster.name, hidesDiffs: hidesDiffs) }
        }
        steps = plans.flatMap { plan in
            plan.steps.enumerated().map { index, step in
                Step(cluster: plan.cluster.name, number: index + 1, node: step.node?.name, what: step.what)
            }
        }
        moves = plans.flatMap { plan in (plan.moves + plan.returns).map { Move($0, of: plan.cluster.name) } }
        unreachable = plans.flatMap { $0.unreachable.keys.sorted().map(\.name) }
        keptServers = plans.flatMap { KeptServerLines($0.keptServers).entries }
        self.summary = summary.document
    }

    var table: Table {
        Table(
            columns: ["node", "kind", "path", "effect"],
            rows: nodes.flatMap { node in
                node.rows.map { row in ([node.node] + row).map { Table.Cell($0) } }
            })
    }
}

extension PlanDocument.Node {
    /// Every change of the node: what kind, of what, with which effect.
    fileprivate var rows: [[String]] {
        let services = [("keepalived", keepalived), ("haproxy", haproxy)].filter { $0.1 != "none" }
        return packages.map { ["install", $0, "none"] } + changes.map { [$0.kind, $0.path, $0.effect] }
            + sysctl.map { ["set", "\($0.key)=\($0.after)", "none"] }
            + firewall.map { ["firewall", $0, "none"] }
            + enable.map { ["enable", $0, "none"] } + disable.map { ["disable", $0, "none"] }
            + services.map { [$0.1, $0.0, $0.1] }
    }

    init(_ plan: NodePlan, of cluster: String, hidesDiffs: Bool = false) {
        self.cluster = cluster
        node = plan.node.id.name
        changes = plan.files.map { change in
            PlanDocument.Change(
                path: change.path, kind: change.kind.rawValue, effect: change.effect.rawValue,
                reasons: change.reasons,
                diff: hidesDiffs ? nil : change.diff.text(old: change.path, new: change.path))
        }
        packages = plan.packages
        sysctl = plan.sysctls.map {
            PlanDocument.Setting(key: $0.key, before: $0.before, after: $0.after)
        }
        firewall = plan.firewall.descriptions
        keepalived = plan.keepalived.rawValue
        haproxy = plan.haproxy.rawValue
        enable = plan.enable
        disable = plan.disable
        obstacles = plan.obstacles
        notes = plan.notes
    }
}

extension PlanDocument.Move {
    init(_ move: PredictedMove, of cluster: String) {
        self.init(
            cluster: cluster, instance: move.instance, from: move.from.name, to: move.to?.name,
            means: move.means.rawValue,
            outageMs: move.outageMilliseconds, delayMs: move.delay?.milliseconds,
            delayAfter: move.delay?.after.rawValue)
    }
}
