import Inventory
import Remote
import Rendering
import Rollout

/// What a run would change, or is about to.
struct PlanDocument: OutputDocument {
    /// What is changed on one node.
    struct Node: Encodable, Sendable {
        var node: String
        var changes: [Change]
        var packages: [String]
        var sysctl: [Setting]
        var firewall: [String]
        var keepalived: String
        var haproxy: String
        var enable: [String]
        var obstacles: [String]
        var notes: [String]
    }

    /// One file.
    struct Change: Encodable, Sendable {
        var path: String
        var kind: String
        var effect: String
        var reasons: [String]
        /// `null` where the secrets in it are not known, so that they cannot be masked.
        var diff: String?
    }

    struct Setting: Encodable, Sendable {
        var key: String
        var before: String?
        var after: String
    }

    struct Step: Encodable, Sendable {
        var node: String?
        var what: String
    }

    /// One instance that changes its owner.
    struct Move: Encodable, Sendable {
        var instance: String
        var from: String
        var to: String?
        var means: String
        var outageMs: Int?
        var delayMs: Int?
        var delayAfter: String?
    }

    struct Summary: Encodable, Sendable {
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
    var summary: Summary

    init(_ plans: [ClusterPlan], summary: PlanSummary, hidesDiffs: Bool) {
        nodes = plans.flatMap { $0.nodes.map { Node($0, hidesDiffs: hidesDiffs) } }
        steps = plans.flatMap { $0.steps.map(Step.init) }
        moves = plans.flatMap { ($0.moves + $0.returns).map(Move.init) }
        unreachable = plans.flatMap { $0.unreachable.keys.sorted().map(\.name) }
        self.summary = summary.document
    }

    var table: Table {
        Table(
            columns: ["node", "kind", "path", "effect"],
            rows: nodes.flatMap { node in
                node.changes.map { [node.node, $0.kind, $0.path, $0.effect].map { Table.Cell($0) } }
            })
    }
}

extension PlanDocument.Node {
    init(_ plan: NodePlan, hidesDiffs: Bool = false) {
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
        obstacles = plan.obstacles
        notes = plan.notes
    }
}

extension PlanDocument.Step {
    init(_ step: PlanStep) { self.init(node: step.node?.name, what: step.what) }
}

extension PlanDocument.Move {
    init(_ move: PredictedMove) {
        self.init(
            instance: move.instance, from: move.from.name, to: move.to?.name, means: move.means.rawValue,
            outageMs: move.outageMilliseconds, delayMs: move.delay?.milliseconds,
            delayAfter: move.delay?.after.rawValue)
    }
}
