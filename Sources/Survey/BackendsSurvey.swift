package import Checks
package import Facts
import HAProxy
package import Inventory
package import Remote

/// Asks every balancer of a fleet once what it sees of its servers, and who owns the addresses: one round trip per node, and
/// one more to a keepalived whose role is in doubt.
package struct BackendsSurvey: Sendable {
    package var fleet: Fleet
    /// Only these backends; `nil` means all.
    package var wanted: BackendPattern?

    package init(fleet: Fleet, wanted: BackendPattern? = nil) {
        self.fleet = fleet
        self.wanted = wanted
    }

    /// One node of a cluster.
    package struct Balancer: Sendable {
        package var node: HostID
        /// `nil` where it did not answer.
        package var facts: HostFacts?
        /// Whether it owns an address; `nil` where some owner is not known.
        package var isOwner: Bool?

        package init(node: HostID, facts: HostFacts?, isOwner: Bool? = nil) {
            self.node = node
            self.facts = facts
            self.isOwner = isOwner
        }

        package var health: HAProxyHealth? { facts?.known(HAProxyHealthFact.self) }
        package var isRunning: Bool? { facts?.known(ServicesFact.self)?["haproxy"]?.isRunning }
        /// Whether it has said what it sees.
        package var hasAnswered: Bool { health.map { !$0.rows.isEmpty || !$0.processes.isEmpty } ?? false }
        /// Whether its haproxy is stopped because the node is not MASTER.
        package var isStoppedOnPurpose: Bool { !hasAnswered && facts?.isProxyOnMasterOnly == true }
        /// Whether no haproxy is to see servers there: none runs, and none is written for it.
        package var hasNoServers: Bool {
            guard !hasAnswered, isRunning != true, let files = facts?.known(ConfigurationFilesFact.self)
            else {
                return false
            }
            return files.haproxy?.servers.isEmpty != false
        }
    }

    package struct Outcome: Sendable {
        package var cluster: Cluster
        package var balancers: [Balancer]
        package var findings: [Finding]
        /// Nodes that did not answer.
        package var silent: [HostID]

        package init(
            cluster: Cluster, balancers: [Balancer], findings: [Finding] = [], silent: [HostID] = []
        ) {
            self.cluster = cluster
            self.balancers = balancers
            self.findings = findings
            self.silent = silent
        }

        /// The balancers that have not said what they see, and should.
        package var unheard: [Balancer] {
            balancers.filter { !$0.hasAnswered && !$0.isStoppedOnPurpose && !$0.hasNoServers }
        }
        package var isComplete: Bool { unheard.isEmpty }
    }

    /// - Throws: `InterruptedQuestion`.
    package func take(in context: SurveyContext) async throws(InterruptedQuestion) -> [Outcome] {
        var survey = OwnershipSurvey(fleet: fleet)
        survey.moreFacts = .backends + HostFacts.proxyHooks
        survey.probesAnswers = false
        return try await survey.take(in: context).map { outcome in
            var outcome = outcome
            if let wanted {
                outcome.nodes = outcome.nodes.map { ($0.0, $0.1.map { $0.keepingBackends(wanted) }) }
            }
            return Self.outcome(of: outcome)
        }
    }

    private static func outcome(of survey: OwnershipSurvey.Outcome) -> Outcome {
        let owners = survey.ownerships.map(\.trueOwner)
        let areKnown = !owners.isEmpty && owners.allSatisfy { $0 != nil }
        let balancers = survey.nodes.map { host, answer in
            Balancer(
                node: host, facts: try? answer.get(),
                isOwner: owners.contains(host) ? true : areKnown ? false : nil)
        }
        // One look serves as both of an observation's samples.
        let observation = ClusterObservation(
            cluster: survey.cluster.name,
            vips: survey.ownerships.map {
                VIPQuestion(vip: $0.vip, cluster: survey.cluster.name, instance: $0.instance)
            },
            nodes: survey.nodes.map { DoctorNode(id: $0.0, before: $0.1, after: $0.1) },
            observersBefore: survey.observers, observersAfter: survey.observers, seconds: 0,
            own: OwnAddresses(of: survey.cluster))
        return Outcome(
            cluster: survey.cluster, balancers: balancers,
            findings: RootCauses.findingsOfBackends(in: observation),
            silent: survey.nodes.filter { if case .failure = $0.1 { true } else { false } }.map(\.0))
    }
}

/// Which backends are asked for: a name or a glob of a backend, a server, or both: `web`, `api-*`, `web/web1`.
package struct BackendPattern: Sendable {
    package var text: String

    package init(_ text: String) { self.text = text }

    /// Whether a server is asked for, or the whole backend.
    package func includes(_ server: String, of backend: String) -> Bool {
        matches(backend, glob: text) || matches(server, glob: text)
            || matches("\(backend)/\(server)", glob: text)
    }
}

extension HostFacts {
    /// Without the rows of other backends. One of whose servers is asked for is kept as a whole: whether that server is the
    /// last one depends on the others.
    fileprivate func keepingBackends(_ wanted: BackendPattern) -> HostFacts {
        guard var health = known(HAProxyHealthFact.self) else { return self }
        let names = Set(health.rows.filter { wanted.includes($0.server, of: $0.proxy) }.map(\.proxy))
        health.rows.removeAll { !names.contains($0.proxy) }
        health.later.removeAll { !names.contains($0.proxy) }
        var facts = self
        facts.set(HAProxyHealthFact.self, to: health)
        return facts
    }
}
