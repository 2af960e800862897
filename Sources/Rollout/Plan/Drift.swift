package import Checks
package import Facts
package import Inventory
package import Remote
package import Rendering

/// How nodes differ from their rendered files: the planner's comparison, without a plan to carry out.
package enum Drift {
    /// The facts of each node that ``compare(_:rendered:nodes:observers:)`` needs.
    package static func questions(_ cluster: Cluster, rendered: [RenderedNode]) -> [HostID: [any Fact]] {
        let goal = goal(cluster, rendered)
        return Dictionary(cluster.nodes.map { ($0.id, Rollout.facts(for: goal, on: $0.id)) }) { first, _ in
            first
        }
    }

    /// One node plan per node, empty for a node that matches. Pure.
    package static func compare(
        _ cluster: Cluster, rendered: [RenderedNode], nodes: [(HostID, ProbeResult)],
        observers: [(HostID, ProbeResult)]
    ) -> ClusterPlan {
        let answers = Dictionary(nodes) { first, _ in first }
        return Planner.plan(
            cluster, purpose: "status", goal: goal(cluster, rendered),
            facts: cluster.nodes.compactMap { node in answers[node.id].map { (node, $0) } },
            view: ClusterViewer.view(of: cluster, nodes: nodes, observers: observers))
    }

    private static func goal(_ cluster: Cluster, _ rendered: [RenderedNode]) -> ClusterPlan.Goal {
        .converge(Dictionary(rendered.map { ($0.node.id, DesiredNode($0, of: cluster)) }) { $1 })
    }
}
