import Events
import Facts
package import Inventory
package import Remote
package import Rendering

/// What makes every cluster of a fleet match its inventory.
package struct FleetPlan: Sendable {
    /// In the inventory's order.
    package var clusters: [ClusterPlan]
    /// Warnings about the inventory that the nodes' facts cause.
    package var warnings: [Diagnostic]
}

extension Rollout {
    /// Plans all clusters at once, with every gate that precedes a change. Changes nothing.
    ///
    /// Each node is asked once. Only the facts that concern the whole fleet are kept until all nodes have answered.
    ///
    /// - `rendered`: every cluster's files, rendered as if each node were of Debian's family.
    /// - `names`: the nodes that may be changed; the others are only observed.
    /// - `window`: the maximum number of nodes, and of clusters, at once.
    /// - `rendering`: renders a cluster's files again when nodes turn out to be of another family.
    /// - Throws: `InventoryError` with all errors of the inventory about these nodes; `InterruptedQuestion`; what
    ///   `rendering` throws.
    package func plan(
        _ fleet: Fleet, rendered: [(cluster: Cluster, nodes: [RenderedNode])], only names: Set<HostID>,
        window: Int,
        rendering: @escaping @Sendable (Cluster, [HostID: NodeFamily]) throws -> [RenderedNode]
    ) async throws -> FleetPlan {
        let count = fleet.clusters.reduce(0) { $0 + $1.nodes.count }
        let question = events.begin(.ask, "planning", nodes: count)
        defer { question.ends() }
        let answers = await concurrently(rendered, window: window) { cluster, nodes in
            await Result { () async throws(any Error) in
                try await plan(cluster, rendered: nodes, only: names, rendering: rendering)
            }
        }
        try InterruptedQuestion.check(
            answers.compactMap { answer in
                guard case .failure(let error) = answer else { return nil }
                return error as? InterruptedQuestion
            })
        var (plans, preflight): ([ClusterPlan], Preflight) = ([], Preflight())
        for answer in answers {
            let (plan, facts) = try answer.get()
            plans.append(plan)
            preflight.add(facts)
        }
        let warnings = try preflight.validate(fleet)
        try await preflight.askSegment(for: &plans, over: transport, window: window)
        return FleetPlan(clusters: plans, warnings: warnings)
    }

    /// One cluster's plan, and the facts of its nodes that the gates of the whole fleet need.
    private func plan(
        _ cluster: Cluster, rendered: [RenderedNode], only names: Set<HostID>,
        rendering: @Sendable (Cluster, [HostID: NodeFamily]) throws -> [RenderedNode]
    ) async throws -> (ClusterPlan, Preflight) {
        var (rendered, goal) = (rendered, Self.goal(rendered, of: cluster, only: names))
        let asked = cluster.nodes.map { node in
            (
                node.id,
                Self.facts(for: goal, on: node.id).completed(by: Preflight.questions(node, of: cluster))
            )
        }
        let look = try await ClusterViewer(transport: transport, cluster: cluster)
            .question(asking: Dictionary(asked) { first, _ in first })
        var preflight = Preflight()
        for case (let node, .success(let facts)) in look.answers {
            preflight.add(facts, of: node, in: cluster)
        }
        let families = preflight.families
        if !families.isEmpty {
            rendered = try rendering(cluster, families)
            goal = Self.goal(rendered, of: cluster, only: names)
        }
        let facts = look.answers.map { node, answer in
            (node: node, facts: answer.map { $0.without(Preflight.questions(node, of: cluster)) })
        }
        var plan = Planner.plan(
            cluster, purpose: Self.purposeOfApply, goal: goal, facts: facts, view: look.view)
        if let basisSalt {
            plan.basis = PlanBasis(plan, facts: facts, view: look.view, salt: basisSalt)
        }
        // A node that answers without its addresses is as unknown as one that does not answer.
        plan.unreachable.merge(look.unreachable) { first, _ in first }
        preflight.addLintFindings(of: rendered, to: &plan)
        return (plan, preflight)
    }
}
