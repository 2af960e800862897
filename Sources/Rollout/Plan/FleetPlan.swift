import Events
package import Inventory
package import Remote
package import Rendering

/// What it takes to make every cluster of a fleet as its inventory says.
package struct FleetPlan: Sendable {
    /// In the inventory's order.
    package var clusters: [ClusterPlan]
    /// What the nodes make doubtful about the inventory.
    package var warnings: [Diagnostic]
}

extension Rollout {
    /// Plans for all clusters at once, with every gate that stands before a change. Changes nothing.
    ///
    /// Each node is asked twice: what it is, which decides what its files are to be, and how it differs from them.
    ///
    /// - `names`: the nodes that may be changed; the others are looked at only.
    /// - `window`: at most so many nodes, and so many clusters, at once.
    /// - `render`: makes the files, when it is known which family each node's distribution is of.
    /// - Throws: `InventoryError` with everything that the inventory gets wrong about these nodes; `InterruptedQuestion`;
    ///   what `render` throws.
    package func plan(
        _ fleet: Fleet, only names: Set<HostID>, window: Int,
        render: ([HostID: NodeFamily]) async throws -> [(cluster: Cluster, nodes: [RenderedNode])]
    ) async throws -> FleetPlan {
        let count = fleet.clusters.reduce(0) { $0 + $1.nodes.count }
        let question = events.begin(.ask, "planning", nodes: count)
        defer { question.ends() }
        let preflight = try await Preflight.ask(fleet, over: transport, window: window)
        let warnings = try preflight.validate(fleet)
        let rendered = try await render(preflight.families)
        let plans = await concurrently(rendered, window: window) { cluster, nodes in
            await Result { () async throws(InterruptedQuestion) in
                var plan = try await plan(cluster, rendered: nodes, only: names)
                preflight.addLintFindings(of: nodes, to: &plan)
                try await preflight.askSegment(for: &plan, over: transport)
                return plan
            }
        }
        return FleetPlan(clusters: try plans.map { try $0.get() }, warnings: warnings)
    }
}
