import ArgumentParser
import Checks
import Facts
import Inventory
import Remote
import Rollout
import Survey

struct Fix: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "End what doctor finds: split-brain, leftovers, closed firewalls; and prove it.",
        discussion: """
            Examines the fleet as doctor does, and says for every finding what it does about it. Adverts that a packet filter drops \
            by default are accepted; an address left behind, or added manually, is removed; neighbour tables \
            are corrected; what is written and not loaded is loaded; haproxy may bind to an address of another node. \
            Of two owners it decides which must give way and says why. All of it is shown with its diff first, done \
            under the gates of apply, one node at a time, and doctor looks again at the end.

            For everything else it prints what to edit, and where.

            Exit: 0 all is well, 3 refused, because the cause of a split-brain is still there or nothing can be done from \
            here, 5 done as far as it goes, and something is left to do by hand.
            """)

    @Flag(help: "Make a node give way although the cause of the split-brain is still there.")
    var force = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Clusters") var waveFlags: WaveFlags
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let selected = try fleetOptions.selected(console)
        let fleet = selected.fleet
        let waves = try waveFlags.waves(through: fleet.clusters)
        let chosen: Set<HostID>? = fleetOptions.limit == nil ? nil : Set(selected.nodes.map(\.id))
        return try await withTransport { transport in
            let work = try await ClusterWork(
                fleet: fleet, connection: connection, transport: transport, console: console
            ).learningWhatIsMissing()
            let plans = try await plans(of: work.fleet.clusters, work, transport, console)
            let shown = FixReport(plans: plans, isDetailed: output.verbose)
            console.show(consent, output) { shown.report(style: $0) }
            if plans.contains(where: { !$0.unreachable.isEmpty }) {
                return work.notBegun(
                    plans.map { ($0.cluster, $0.unreachable) }, command: "fix", consent, output)
            }
            if let refusal = chosen.flatMap({ Self.refusal(of: plans, within: $0) }) { throw refusal }
            let isRefused = plans.contains { !$0.objections(insists: force).isEmpty }
            if consent.dryRun { return isRefused ? .refused : .done }
            if plans.allSatisfy(\.isEmpty), output.output.isForPeople {
                var isPending = false
                for plan in plans {
                    let end = await work.rollout.nothingToDo(on: plan.cluster)
                    if end.outcome != .nothingToDo { isPending = true }
                }
                if !isPending { return .done }
            }
            let pending = plans.count { $0.ending(insists: force) == .open && !$0.isEmpty }
            let refused = plans.count { $0.ending(insists: force) == .settled }
            if pending > 0, refused <= waves.maxFailures { try await consent.ask("Do this?") }
            return try await work.carryOut(
                plans.map { plan in
                    ClusterRun.Piece(cluster: plan.cluster, ending: plan.ending(insists: force)) {
                        await carryOut(plan, $1, $0, transport, $0.console)
                    }
                },
                command: "fix", waves: waves, output: output)
        }
    }

    /// The refusal of plans that change nodes outside `--limit`; `nil` when none does. Repairing a cluster often
    /// means changing the other node, and half a repair does not help.
    static func refusal(of plans: [FixPlan], within chosen: Set<HostID>) -> Failure? {
        let outside = plans.flatMap { $0.changedNodes.subtracting(chosen) }.sorted()
        guard !outside.isEmpty else { return nil }
        let names = outside.map { "`\($0)`" }.joined(separator: ", ")
        return Failure(
            .refused,
            "--limit leaves out \(names), and this would be done there too: nothing was changed",
            hint:
                "haops fix --limit '\((chosen + outside).map(\.name).sorted().joined(separator: ","))', or without --limit"
        )
    }

    /// Examines the clusters as doctor does and makes a plan for each.
    private func plans(
        of clusters: [Cluster], _ work: ClusterWork, _ transport: any Transport, _ console: Console
    ) async throws -> [FixPlan] {
        console.note("checking \(NodeRange.listed(clusters.map(\.name)))")
        let observations = try await observations(of: clusters, work, transport, console)
        let rollout = work.rollout
        let examined = Dictionary(zip(clusters.map(\.name), observations)) { first, _ in first }
        var work = work
        work.fleet.clusters = clusters.filter { examined[$0.name] != nil }
        let plans = try await work.ofEachCluster { cluster throws(InterruptedQuestion) -> FixPlan? in
            guard let observation = examined[cluster.name] else { return nil }
            return try await rollout.planFix(
                of: cluster, observation: observation, findings: RootCauses.findings(in: observation))
        }
        return plans.compactMap(\.self)
    }

    private func observations(
        of clusters: [Cluster], _ work: ClusterWork, _ transport: any Transport, _ console: Console
    ) async throws -> [ClusterObservation] {
        var fleet = work.fleet
        fleet.clusters = clusters
        return try await DoctorSurvey(fleet: fleet.reached(by: connection)).take(
            in: SurveyContext(transport, connection, console)
        ).observations
    }

    /// Carries out one cluster's plan and runs doctor again.
    private func carryOut(
        _ plan: FixPlan, _ interrupt: Interrupt, _ work: ClusterWork, _ transport: any Transport,
        _ console: Console
    ) async -> RolloutReport {
        var report = await work.rollout.carryOut(plan, interrupt: interrupt, insists: force)
        guard report.outcome == .done else { return report }
        console.note("checking again")
        guard let observations = try? await observations(of: [plan.cluster], work, transport, console) else {
            report.outcome = .interrupted
            report.notes.append("doctor did not run again")
            return report
        }
        let silent = observations.flatMap(\.nodes).filter { !$0.isReachable }.map(\.id)
        guard silent.isEmpty else {
            report.outcome = .failed([
                "the fixes were carried out, but the result could not be checked: \(NodeRange.folded(silent)) did not answer doctor"
            ])
            return report
        }
        let findings = observations.flatMap { RootCauses.findings(in: $0) }
        let proof = plan.proof(in: findings)
        report.notes += proof.gone
        report.left = proof.left
        let unhealed = proof.failed + plan.unhealed(in: observations.flatMap(\.after))
        guard unhealed.isEmpty else {
            report.outcome = .failed(unhealed)
            return report
        }
        guard let last = try? await lastLook(at: plan, observations, transport, console) else {
            report.outcome = .interrupted
            report.notes.append("the addresses were not asked for once more")
            return report
        }
        if !last.isEmpty { report.outcome = .failed(last) }
        return report
    }

    /// Asks for the addresses once more after another master-down time. A stranger's next announcement, or a check that
    /// stops keepalived again, undoes what a first look takes for healed.
    private func lastLook(
        at plan: FixPlan, _ observations: [ClusterObservation], _ transport: any Transport, _ console: Console
    ) async throws -> [String] {
        guard plan.hasWork, let observation = observations.first else { return [] }
        let seconds = plan.secondLook(after: observation)
        console.note("asking for the addresses once more in \(seconds) s")
        try await Task.sleep(for: .seconds(seconds))
        let fleet = Fleet(source: "", clusters: [plan.cluster])
        var survey = OwnershipSurvey(fleet: fleet.reached(by: connection))
        survey.daemonExtent = .state
        let outcomes = try await survey.take(in: SurveyContext(transport, connection, console))
        return plan.unhealed(in: outcomes.flatMap(\.ownerships))
    }
}

extension FixPlan {
    /// Whether the outcome is known before anything is done. Manual work that remains on one cluster does not
    /// keep the others from being repaired; a split-brain that would return does.
    fileprivate func ending(insists: Bool) -> ClusterRun.Piece.Ending {
        if objections(insists: insists).isEmpty { return .open }
        return hasWork ? .settled : .aside
    }
}
