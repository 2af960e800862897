import Facts
package import Inventory
package import Remote
package import Rendering
package import Survey

/// Asks a fleet for its status: the owners, and how each node differs from its inventory.
package struct StatusSurvey: Sendable {
    package var fleet: Fleet
    /// The desired files of the nodes; `nil` when there is nothing to compare with.
    package var rendered: [(cluster: Cluster, nodes: [RenderedNode])]?
    /// Whether the machines also ask for the addresses, as clients do.
    package var probesAnswers = true

    package init(fleet: Fleet, rendered: [(cluster: Cluster, nodes: [RenderedNode])]?) {
        self.fleet = fleet
        self.rendered = rendered
    }

    /// - Throws: `InterruptedQuestion`.
    package func take(in context: SurveyContext) async throws(InterruptedQuestion) -> [ClusterStatus] {
        let sets = Dictionary((rendered ?? []).map { ($0.cluster.name, $0.nodes) }) { first, _ in first }
        var survey = OwnershipSurvey(fleet: fleet)
        survey.moreFacts = .status
        survey.probesAnswers = probesAnswers
        for cluster in fleet.clusters {
            guard let nodes = sets[cluster.name] else { continue }
            survey.factsOfNode.merge(Drift.questions(cluster, rendered: nodes)) { $1 }
        }
        return try await survey.take(in: context).map { outcome in
            ClusterStatus(
                survey: outcome,
                drift: sets[outcome.cluster.name].map {
                    Drift.compare(
                        outcome.cluster, rendered: $0, nodes: outcome.nodes, observers: outcome.observers)
                })
        }
    }
}

/// The status of one cluster.
package struct ClusterStatus: Sendable {
    package var survey: OwnershipSurvey.Outcome
    /// `nil` when there is nothing to compare with.
    package var drift: ClusterPlan?
    /// The nodes to report on; `nil` means all. Verdicts always concern the whole cluster.
    package var chosen: Set<HostID>?

    package init(survey: OwnershipSurvey.Outcome, drift: ClusterPlan? = nil, chosen: Set<HostID>? = nil) {
        self.survey = survey
        self.drift = drift
        self.chosen = chosen
    }
}
