import Addresses
package import Checks
import Facts
package import Inventory
package import Remote

/// Asks every node of a fleet once, all at the same time, and works out what each single failure would do to it.
package struct ReadinessSurvey: Sendable {
    package var fleet: Fleet
    /// The failures whose bad ends the operator knows of.
    package var accepted: Set<FailureCase> = []

    package init(fleet: Fleet) { self.fleet = fleet }

    package struct Outcome: Sendable {
        /// One for each cluster, in the order of the fleet.
        package var clusters: [ClusterReadiness]
        /// Machines that did not answer, observers included.
        package var silent: [HostID]
    }

    /// - Throws: `InterruptedQuestion`.
    package func take(in context: SurveyContext) async throws(InterruptedQuestion) -> Outcome {
        let transport = context.transport
        let nodes = fleet.clusters.flatMap { $0.nodes.map(\.target) }
        let nodeIDs = Set(nodes.map(\.id))
        let observers = fleet.clusters.flatMap { $0.observers.map(\.target) }
            .filter { !nodeIDs.contains($0.id) }.uniqued()
        let answers = try await context.question(nodes + observers, "asking") { target in
            await transport.facts(
                of: target, Probe(nodeIDs.contains(target.id) ? .readiness : .neighbourhood))
        }
        var observations: [ClusterObservation] = []
        let clusters = fleet.clusters.map { cluster in
            let observation = Self.observation(of: cluster, answers)
            observations.append(observation)
            return ClusterReadiness(
                observation,
                ports: ServedPorts(of: cluster, nodes: cluster.nodes.compactMap { answers[$0.id] }),
                accepted: accepted)
        }
        for error in observations.flatMap(\.unheard) { context.report(error) }
        return Outcome(clusters: clusters, silent: DoctorSurvey.silent(in: fleet, observations))
    }

    /// One look serves as both of an observation's samples.
    private static func observation(of cluster: Cluster, _ answers: [HostID: ProbeResult])
        -> ClusterObservation
    {
        let vips = cluster.virtualAddresses.map {
            VIPQuestion(
                vip: $0.vip.cidr.address, cluster: cluster.name, instance: $0.instance.name)
        }
        let nodes = cluster.nodes.compactMap { node in
            answers[node.id].map { DoctorNode(id: node.id, before: $0, after: $0) }
        }
        let observers = cluster.observers.compactMap { observer in
            answers[observer.id].map { (observer.id, $0) }
        }
        return ClusterObservation(
            cluster: cluster.name, vips: vips, nodes: nodes, observersBefore: observers,
            observersAfter: observers, seconds: 0, own: OwnAddresses(of: cluster))
    }
}
