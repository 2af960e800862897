package import Addresses
package import Checks
package import Facts
package import Inventory
import Keepalived
package import Remote

/// Asks a fleet for the owners, all machines at once, one verdict per address: one round trip per machine, and a second
/// one over the same login to see whether the addresses answer. Daemons are asked only where the journal, the kernel and the
/// file leave a doubt, because each answer is a line in a daemon's log; see ``DaemonQuestions``.
package struct OwnershipSurvey: Sendable {
    package var fleet: Fleet
    /// Only these addresses; empty means all that the inventory or the nodes themselves list.
    package var wanted: [IPAddress]
    /// Additional facts for every node, in the same round trip.
    package var moreFacts: [any Fact] = []
    /// Facts for single nodes, in the same round trip.
    package var factsOfNode: [HostID: [any Fact]] = [:]
    /// Whether the machines also ask for the addresses, as clients do.
    package var probesAnswers = true
    /// How much every daemon is asked in the same round trip, also where nothing is in doubt.
    package var daemonExtent = KeepalivedFact.Extent.process

    package init(fleet: Fleet, wanted: [IPAddress] = []) {
        self.fleet = fleet
        self.wanted = wanted
    }

    /// What was learned of one cluster.
    package struct Outcome: Sendable {
        package var cluster: Cluster
        package var ownerships: [VIPOwnership]
        package var nodes: [(HostID, ProbeResult)]
        package var observers: [(HostID, ProbeResult)]

        package init(
            cluster: Cluster, ownerships: [VIPOwnership], nodes: [(HostID, ProbeResult)],
            observers: [(HostID, ProbeResult)]
        ) {
            self.cluster = cluster
            self.ownerships = ownerships
            self.nodes = nodes
            self.observers = observers
        }

        /// How many machines did not answer, observers included.
        package var silent: Int {
            (nodes.map(\.1.onAddresses) + observers.map(\.1)).count {
                if case .failure = $0 { true } else { false }
            }
        }
        package var isComplete: Bool { silent == 0 }
        /// Whether every node that was asked for its configuration has reported it.
        package var saysWhatIsConfigured: Bool {
            nodes.allSatisfy { _, probeResult in
                guard case .success(let facts) = probeResult else { return true }
                do {
                    _ = try facts.value(of: ConfigurationFilesFact.self)
                    return true
                } catch FactError.notAsked {
                    return true
                } catch {
                    return false
                }
            }
        }
    }

    /// - Throws: `InterruptedQuestion`.
    package func take(in context: SurveyContext) async throws(InterruptedQuestion) -> [Outcome] {
        let transport = context.transport
        let isAdHoc = fleet.clusters.allSatisfy { $0.keepalived == nil }
        let common: [any Fact] =
            .ownership
            + (isAdHoc ? .configuration.completed(by: moreFacts + [ServicesFact()]) : moreFacts)
        let daemon: [any Fact] = [KeepalivedFact(daemonExtent)]
        let observerProbe = Probe(.neighbourhood)
        let nodes = fleet.clusters.flatMap { $0.nodes.map(\.target) }
        let observers = fleet.clusters.flatMap { $0.observers.map(\.target) }
        let nodeIDs = Set(nodes.map(\.id))
        var answers = try await context.question(
            (nodes + observers.filter { !nodeIDs.contains($0.id) }).uniqued(), "asking"
        ) { target in
            guard nodeIDs.contains(target.id) else { return await transport.facts(of: target, observerProbe) }
            return await transport.facts(
                of: target,
                Probe(daemon.completed(by: factsOfNode[target.id] ?? []).completed(by: common)))
        }
        var daemons = DaemonQuestions(nodes)
        // A daemon that was asked already, and gave no answer, is not asked again.
        if daemonExtent == .process { daemons.conclude(from: &answers) }
        for target in nodes {
            guard case .failure(let error)? = answers[target.id]?.onAddresses, error.isUnanswered else {
                continue
            }
            context.report(error)
        }
        func probeResults(_ hosts: [HostID]) -> [(HostID, ProbeResult)] {
            hosts.compactMap { host in answers[host].map { (host, $0) } }
        }
        func judged() -> [Outcome] {
            fleet.clusters.map { cluster in
                let nodes = probeResults(cluster.nodes.map(\.id))
                let observers = probeResults(cluster.observers.map(\.id))
                let ownerships = questions(for: cluster, nodes).map {
                    ownership(of: $0, nodes: nodes, observers: observers)
                }
                return Outcome(cluster: cluster, ownerships: ownerships, nodes: nodes, observers: observers)
            }
        }
        var outcomes = judged()
        daemons.doubt(outcomes)
        if try await daemons.ask(&answers, in: context) { outcomes = judged() }
        if probesAnswers, try await AnswerQuestions(outcomes).ask(&answers, in: context) {
            outcomes = judged()
            // Silence is heard twice before it is an alarm: a request may be lost, and a busy machine answers late.
            let dark = outcomes.filter { $0.ownerships.contains { $0.verdict == .dark } }
            if try await AnswerQuestions(dark).ask(&answers, in: context) {
                outcomes = judged()
            }
        }
        for vip in strangers { Self.addUnknown(vip, to: &outcomes) }
        return outcomes
    }

    /// Addresses that the operator named and that belong to none of several clusters.
    private var strangers: [IPAddress] {
        guard fleet.clusters.count > 1 else { return [] }
        let known = Set(fleet.clusters.flatMap(\.virtualAddresses).map(\.vip.cidr.address))
        return wanted.filter { !known.contains($0) }
    }

    /// Adds an address that no cluster lists: any node of any chosen cluster may have it.
    private static func addUnknown(_ vip: IPAddress, to outcomes: inout [Outcome]) {
        let nodes = outcomes.flatMap(\.nodes)
        // A machine may observe several clusters.
        var seen = Set(nodes.map(\.0))
        let observers = outcomes.flatMap(\.observers).filter { seen.insert($0.0).inserted }
        var found = ownership(of: VIPQuestion(vip: vip, cluster: "-"), nodes: nodes, observers: observers)
        let holders = Set(found.holders)
        let homes = outcomes.indices.filter { index in
            outcomes[index].nodes.contains { holders.contains($0.0) }
        }
        if homes.count == 1 { found.cluster = outcomes[homes[0]].cluster.name }
        outcomes[homes.first ?? 0].ownerships.append(found)
    }

    /// The addresses to judge: those that the operator named, else those of the inventory, else those of the nodes.
    private func questions(for cluster: Cluster, _ nodes: [(HostID, ProbeResult)]) -> [VIPQuestion] {
        let known = cluster.virtualAddresses.map {
            VIPQuestion(vip: $0.vip.cidr.address, cluster: cluster.name, instance: $0.instance.name)
        }
        if wanted.isEmpty { return known.isEmpty ? Self.discovered(in: cluster, nodes) : known }
        let isOnlyCluster = fleet.clusters.count == 1
        return wanted.compactMap { vip in
            known.first { $0.vip == vip }
                ?? (isOnlyCluster ? VIPQuestion(vip: vip, cluster: cluster.name) : nil)
        }
    }

    /// The addresses among these that are no virtual addresses of the chosen clusters: no inventory, no daemon and no file
    /// lists them, and no node holds them. Empty where some node may list more than it could say, and where no address is
    /// listed at all: then the question itself says what the operator looks for.
    package static func unlisted(
        among wanted: [IPAddress], in outcomes: [Outcome]
    ) -> (unlisted: [IPAddress], listed: [IPAddress]) {
        let listed = outcomes.flatMap { outcome in
            outcome.cluster.virtualAddresses.map(\.vip.cidr.address)
                + discovered(in: outcome.cluster, outcome.nodes).map(\.vip)
        }.uniqued()
        let verdicts = outcomes.flatMap(\.ownerships)
        let isComplete = outcomes.allSatisfy { $0.isComplete && $0.saysWhatIsConfigured }
        guard isComplete, !listed.isEmpty else { return ([], listed) }
        return (
            wanted.filter { vip in
                !listed.contains(vip) && verdicts.contains { $0.vip == vip && $0.verdict == .unowned }
            }, listed
        )
    }

    private static func discovered(in cluster: Cluster, _ nodes: [(HostID, ProbeResult)]) -> [VIPQuestion] {
        var questions: [VIPQuestion] = []
        func add(_ address: IPAddress?, _ instance: String) {
            guard let address, !questions.contains(where: { $0.vip == address }) else { return }
            questions.append(VIPQuestion(vip: address, cluster: cluster.name, instance: instance))
        }
        for case (_, .success(let facts)) in nodes {
            let daemon = facts.known(KeepalivedFact.self)
            for instance in daemon?.state?.instances ?? [] {
                for text in instance.addresses { add(CIDR(text)?.address, instance.name) }
            }
            // A file that the daemon has not read, or that it was not started with, says nothing of now.
            if daemon?.tellsAllAddresses == true, daemon?.state?.instances.isEmpty == false { continue }
            for instance in facts.keepalivedConfiguration?.instances ?? [] {
                for vip in instance.allAddresses { add(vip.address, instance.name) }
            }
        }
        return questions.sorted { $0.vip < $1.vip }
    }
}
