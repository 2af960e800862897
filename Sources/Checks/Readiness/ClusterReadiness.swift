package import Addresses
import Facts
import Keepalived
import Remote

/// What one cluster is ready for: the rows of each of its instances, and what is to be done about the bad ones. Pure.
package struct ClusterReadiness: Sendable {
    /// One instance with its rows.
    package struct InstanceReadiness: Sendable {
        package var name: String
        package var addresses: [IPAddress]
        /// `nil` while no single node owns all of its addresses: then nothing is foretold.
        package var owner: String?
        package var rows: [ReadinessRow]
        /// Why nothing is foretold; and what was not known of what is.
        package var notes: [String]

        package init(
            name: String, addresses: [IPAddress] = [], owner: String? = nil, rows: [ReadinessRow] = [],
            notes: [String] = []
        ) {
            self.name = name
            self.addresses = addresses
            self.owner = owner
            self.rows = rows
            self.notes = notes
        }
    }

    package let cluster: String
    package private(set) var instances: [InstanceReadiness]
    package private(set) var findings: [Finding]

    /// - `observation`: of one look; both of its samples are the same answers.
    /// - `ports`: what haproxy is to serve.
    /// - `accepted`: the failures whose bad ends the operator knows of: they make no findings.
    package init(_ observation: ClusterObservation, ports: ServedPorts, accepted: Set<FailureCase> = []) {
        cluster = observation.cluster
        instances = []
        var findings: [Finding] = []
        for router in observation.routers where !router.addresses.isEmpty {
            let addresses = router.addresses.sorted()
            guard let readiness = RouterReadiness(router, in: observation, ports: ports) else {
                let verdicts = addresses.compactMap { observation.verdict(on: $0) }
                let reasons = verdicts.filter { $0.trueOwner == nil || $0.verdict.isBad }
                    .map { "\($0.vip): \($0.reason)" }
                instances.append(
                    InstanceReadiness(name: router.title, addresses: addresses, notes: reasons))
                // With a silent node it is not known, and no finding.
                if verdicts.contains(where: \.verdict.isBad) {
                    findings.append(Self.notNow(router, reasons, verdicts, observation))
                }
                continue
            }
            let rows = readiness.rows
            instances.append(
                InstanceReadiness(
                    name: router.title, addresses: addresses, owner: readiness.owner.name, rows: rows,
                    notes: Self.notes(on: router, observation)))
            findings += ReadinessFindings(readiness, rows.filter { !accepted.contains($0.failure) }).all
        }
        let concealment = FindingConcealment(observation.nodes)
        self.findings = findings.map(concealment.shown).sorted { $0.severity > $1.severity }
    }

    init(cluster: String, instances: [InstanceReadiness], findings: [Finding]) {
        self.cluster = cluster
        self.instances = instances
        self.findings = findings
    }

    /// Whether every instance that is known has been foretold.
    package var isForetold: Bool { instances.allSatisfy { $0.owner != nil } }

    private static func notNow(
        _ router: VirtualRouter, _ reasons: [String], _ verdicts: [VIPOwnership],
        _ observation: ClusterObservation
    ) -> Finding {
        Finding(
            id: ReadinessFindings.notNow, severity: .error, nodes: router.nodes,
            message: "\(router.title) does not have one owner now: \(joined(reasons))",
            effect: "what a failure would do cannot be foretold", fix: "haops doctor",
            evidence: verdicts.flatMap { observation.probeResult(on: $0.vip) })
    }

    /// What the rows of a router leave open.
    private static func notes(on router: VirtualRouter, _ observation: ClusterObservation) -> [String] {
        let silent = observation.nodes.filter { !$0.isReachable }.map(\.name)
        var notes =
            silent.isEmpty
            ? []
            : [
                "\(joined(silent)) did not answer: foretold as if \(silent.count == 1 ? "it" : "they") were down"
            ]
        for member in router.members {
            guard let facts = member.node.everything else { continue }
            if case .no(let reasons) = LoadedState.keepalived(on: facts) {
                notes.append(
                    "keepalived.conf of \(member.name) is written and not loaded (\(reasons.first ?? "")): checks are those of the file"
                )
            }
            for hook in [PacketFilter.Hook.input, .output] {
                guard let doubt = AdvertFilter(router: router, member: member).doubt(hook) else { continue }
                notes.append(
                    "\(member.name) may drop adverts, by conditions that haops does not evaluate: \(doubt.words)"
                )
            }
        }
        return notes
    }
}
