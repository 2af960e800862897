import Checks
import Facts
package import Inventory
import Keepalived
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
        var outcomes = try await survey.take(in: context)
        try await askWhatStopsProxies(&outcomes, in: context)
        return outcomes.map { outcome in
            ClusterStatus(
                survey: outcome,
                drift: sets[outcome.cluster.name].map {
                    Drift.compare(
                        outcome.cluster, rendered: $0, nodes: outcome.nodes, observers: outcome.observers)
                })
        }
    }

    /// Where haproxy is stopped beside a keepalived that is not MASTER, its configuration says whether that is meant so.
    private func askWhatStopsProxies(
        _ outcomes: inout [OwnershipSurvey.Outcome], in context: SurveyContext
    ) async throws(InterruptedQuestion) {
        let transport = context.transport
        let doubtful = Set(
            outcomes.flatMap(\.nodes).filter { (try? $0.1.get())?.mayBeProxyOnMasterOnly == true }.map(\.0))
        let targets = fleet.clusters.flatMap { $0.nodes.map(\.target) }.filter { doubtful.contains($0.id) }
        guard !targets.isEmpty else { return }
        let said = try await context.question(targets.uniqued(), "asking why haproxy is stopped") { target in
            await transport.facts(of: target, Probe(HostFacts.proxyHooks))
        }
        for index in outcomes.indices {
            outcomes[index].nodes = outcomes[index].nodes.map { host, answer in
                guard case .success(let more)? = said[host], case .success(let facts) = answer else {
                    return (host, answer)
                }
                return (host, .success(facts.completed(by: more)))
            }
        }
    }
}

extension HostFacts {
    fileprivate var mayBeProxyOnMasterOnly: Bool {
        guard let daemon = known(KeepalivedFact.self), daemon.isRunning,
            let services = known(ServicesFact.self)
        else { return false }
        return services["haproxy"]?.isInstalled == true && services["haproxy"]?.isRunning == false
            && !(daemon.state?.instances ?? []).contains { $0.role == .master }
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
