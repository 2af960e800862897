import Addresses
package import Checks
import Events
import Facts
package import Inventory
import Keepalived
package import Remote
import Rendering

/// Examines a fleet: it asks all machines at once, each in one round trip, and asks them again after more than a
/// master-down time. In between, the nodes listen for adverts.
package struct DoctorSurvey: Sendable {
    package var fleet: Fleet
    /// Whether the machines also ask for the addresses, as clients do.
    package var probesAnswers = true
    /// Whether what one look shows is said while the second one goes on.
    package var saysFirstLook = false

    package init(fleet: Fleet) { self.fleet = fleet }

    /// The longest acceptable wait for an operator in an outage, in seconds.
    private static let longestWait = 20

    package struct Outcome: Sendable {
        package var observations: [ClusterObservation]
        /// Machines that did not answer either question, observers included.
        package var silent: [HostID]
    }

    /// - Throws: `InterruptedQuestion`.
    package func take(in context: SurveyContext) async throws(InterruptedQuestion) -> Outcome {
        let transport = context.transport
        let targets = fleet.clusters.flatMap { $0.nodes.map(\.target) }
        let nodeIDs = Set(targets.map(\.id))
        let observers = fleet.clusters.flatMap { $0.observers.map(\.target) }
            .filter { !nodeIDs.contains($0.id) }.uniqued()

        let began = ContinuousClock.now
        let first = try await context.question(targets + observers, "asking") { target in
            await transport.facts(
                of: target, nodeIDs.contains(target.id) ? Self.firstLook : Self.observerLook)
        }
        let nodes = targets.compactMap { target in
            first[target.id].map { DoctorNode(id: target.id, before: $0, after: $0) }
        }
        if saysFirstLook { say(first, began.duration(to: .now), in: context) }
        let tenths = Self.wait(for: nodes)
        let seconds = (tenths + 9) / 10
        let probes = Self.secondLooks(nodes, tenths: tenths)
        let answerFacts = probesAnswers ? answerFacts(first) : [:]
        let answering = (targets + observers).filter {
            if case .success? = first[$0.id] { true } else { false }
        }
        let second = try await context.question(answering, "listening for \(seconds) s") { target in
            var probe = probes[target.id] ?? Probe([ListenFact(tenths: tenths)] + Self.observerLook.facts)
            if let answers = answerFacts[target.id] {
                // While it listens. Its neighbour entries are read before, as asking may renew them.
                probe.facts.removeAll { $0 is NeighboursFact }
                probe.beside.append([NeighboursFact(), answers])
            }
            let (command, marker) = probe.command(operation: "examine", timeout: .seconds(seconds + 30))
            return await transport.ask(target, command).map {
                probe.facts(of: target.id, from: $0.stdout, marker: marker)
            }
        }
        let observations = fleet.clusters.map { observation(of: $0, first, second, seconds) }
        for error in observations.flatMap(\.unheard) { context.report(error) }
        return Outcome(observations: observations, silent: Self.silent(in: fleet, observations))
    }

    /// The first answer, while the second look goes on.
    private func say(_ first: [HostID: ProbeResult], _ took: Duration, in context: SurveyContext) {
        let tenths = Int(took / .milliseconds(100))
        for cluster in fleet.clusters {
            let look = FirstLook(observation(of: cluster, first, first, 0))
            let isOne = fleet.clusters.count == 1
            // Nodes that do not answer were named when that became known.
            let isAnswered = cluster.nodes.contains { (try? first[$0.id]?.get()) != nil }
            guard isOne || isAnswered && !look.problems.isEmpty else { continue }
            let name = isOne ? "" : "\(cluster.name): "
            context.events.on(cluster: cluster.name).emit(
                .ask, .waits, "\(name)first look (\(tenths / 10).\(tenths % 10) s): \(look)")
        }
    }

    /// The addresses that each machine asks for, by the first look.
    private func answerFacts(_ first: [HostID: ProbeResult]) -> [HostID: AnswerFact] {
        var questions = AnswerQuestions()
        for cluster in fleet.clusters {
            let targets = cluster.nodes.map(\.target) + cluster.observers.map(\.target)
            questions.add(
                observation(of: cluster, first, first, 0).after,
                ServedPorts(of: cluster, nodes: cluster.nodes.compactMap { first[$0.id] }),
                targets.compactMap { target in first[target.id].map { (target.id, $0) } }, targets)
        }
        return questions.facts(patience: AnswerQuestions.Patience.thorough)
    }

    /// The machines that did not answer in any cluster. A machine may observe several clusters, and an answer in one
    /// of them suffices.
    package static func silent(in fleet: Fleet, _ observations: [ClusterObservation]) -> [HostID] {
        let asked = fleet.clusters.flatMap { $0.nodes.map(\.id) + $0.observers.map(\.id) }
        let nodes = observations.flatMap(\.nodes)
        let observers = observations.flatMap(\.observers).compactMap { host, probeResult in
            if case .success = probeResult { host } else { nil }
        }
        // An answer that suffices for an observer may be incomplete for a node.
        return Set(asked).subtracting(nodes.map(\.id) + observers)
            .union(nodes.filter { !$0.isReachable }.map(\.id)).sorted()
    }

    private func observation(
        of cluster: Cluster, _ first: [HostID: ProbeResult], _ second: [HostID: ProbeResult], _ seconds: Int
    ) -> ClusterObservation {
        func pairs(_ hosts: [HostID], _ answers: [HostID: ProbeResult]) -> [(HostID, ProbeResult)] {
            hosts.compactMap { host in answers[host].map { (host, $0) } }
        }
        // A learned cluster's addresses come from the nodes' own files, further below.
        let vips = (cluster.isLearned ? [] : cluster.virtualAddresses).map {
            VIPQuestion(vip: $0.vip.cidr.address, cluster: cluster.name, instance: $0.instance.name)
        }
        let nodes = cluster.nodes.compactMap { node in
            first[node.id].map { DoctorNode(id: node.id, before: $0, after: second[node.id] ?? $0) }
        }
        let observers = cluster.observers.map(\.id)
        return ClusterObservation(
            cluster: cluster.name, vips: vips, nodes: nodes, observersBefore: pairs(observers, first),
            observersAfter: pairs(observers, second), seconds: seconds, own: OwnAddresses(of: cluster))
    }

    private static let observerLook = Probe(.neighbourhood)

    private static let firstLook = Probe(.doctor)

    /// Tenths of a second until every BACKUP has had the time to take over.
    private static func wait(for nodes: [DoctorNode]) -> Int {
        let waits = nodes.flatMap { $0.configuration?.instances ?? [] }.map { MasterDownTime(of: $0).value }
        guard let longest = waits.max() else { return 40 }
        return max(10, min(longestWait * 10, Int(longest / .milliseconds(100)) + 1))
    }

    /// The second question for each node: everything that changes, and details that its configuration makes
    /// necessary.
    private static func secondLooks(_ nodes: [DoctorNode], tenths: Int) -> [HostID: Probe] {
        let addresses = nodes.map { node in (node.id, node.advertAddresses) }
        var probes: [HostID: Probe] = [:]
        for node in nodes where node.isReachable {
            let others = addresses.filter { $0.0 != node.id }.flatMap(\.1).uniqued()
            let tracked = node.trackedFiles
            // Listening comes first: the facts after it then show the state at its end.
            probes[node.id] = Probe(
                [ListenFact(tenths: tenths)] + .doctorAgain + (tracked.isEmpty ? [] : [FilesFact(tracked)]),
                beside: [[ReachFact(others)], [ScriptsFact(node.scriptQuestions)], .doctorMeanwhile])
        }
        return probes
    }
}

extension DoctorNode {
    /// Its own addresses on the interfaces that adverts use, without virtual and link-local ones.
    fileprivate var advertAddresses: [IPAddress] {
        let instances = configuration?.instances ?? []
        let names = Set(instances.compactMap { $0.interface?.value })
        let virtual = Set(instances.flatMap(\.allAddresses).map(\.address))
        return interfaces.filter { names.contains($0.name) }.flatMap(\.addresses)
            .map(\.cidr.address).filter { !virtual.contains($0) && !$0.isLinkLocal }
    }

    /// The files whose numbers decide on its instances.
    fileprivate var trackedFiles: [String] {
        guard let configuration else { return [] }
        let names = Set(configuration.instances.flatMap(\.trackFiles).map(\.name))
        return configuration.trackFiles.filter { names.contains($0.name) }.compactMap(\.path?.value).uniqued()
    }
}
