import Addresses
package import Checks
import Events
import Facts
package import Inventory
package import Remote

extension Rollout {
    /// Plans what ends a cluster's problems, from doctor's observation and findings. It asks the nodes again only
    /// where something must be changed, and changes nothing.
    package func planFix(
        of cluster: Cluster, observation: ClusterObservation, findings: [Finding]
    ) async throws(InterruptedQuestion) -> FixPlan {
        var plan = FixPlanner(cluster: cluster, observation: observation, findings: findings).plan()
        let remediationContext = RemediationContext(
            cluster: cluster, observation: observation, findings: findings, actions: plan.actions)
        plan.remediations = Remediations.remediations(in: remediationContext)
        let desired = Remediations.desired(by: plan.remediations)
        if !desired.isEmpty, plan.unreachable.isEmpty {
            let change = try await self.plan(cluster, purpose: "fix", .converge(desired))
            plan.unreachable.merge(change.unreachable) { first, _ in first }
            plan.add(change)
        }
        // No action makes a held address answer, but a change may: haproxy is started, a filter is opened.
        if plan.change != nil, plan.remediations.filter(\.isError).allSatisfy(\.ends) {
            plan.broken.formUnion(observation.after.filter { $0.verdict == .dark }.map(\.vip))
        }
        plan.loads = try await refusedLoads(of: plan)
        // Doctor's cause for missing adverts is more precise than the observation that they are missing.
        if plan.remediations.contains(where: { $0.finding.doctor?.makesNodesFight == true }) {
            plan.causes = []
        }
        plan.returns = FixForecast(plan, observation).returns()
        return plan
    }

    /// Errors in the configuration that the plan's started or restarted keepalived would read, judged as for a
    /// restart.
    private func refusedLoads(of plan: FixPlan) async throws(InterruptedQuestion) -> [String] {
        let loading = Set(plan.actions.filter(\.loads).map(\.node))
        guard !loading.isEmpty, plan.unreachable.isEmpty else { return [] }
        return try await self.plan(plan.cluster, purpose: "fix", .restart(["keepalived"], only: loading))
            .obstacles
    }

    /// Determines the owners and what corrects them, from two samples more than an advert interval apart.
    ///
    /// - `answeredElsewhere`: addresses that another machine would go on to answer for, as doctor has found.
    private func ownershipPlan(of cluster: Cluster, answeredElsewhere: Set<IPAddress>) async -> FixPlan {
        let first = await probeResults(cluster)
        let interval = Duration.milliseconds(10 * (cluster.keepalived?.advertInterval ?? 100))
        try? await clock.sleep(for: interval * 5 / 2)
        let second = await probeResults(cluster)
        var planner = FixPlanner(
            cluster: cluster, nodes: second.nodes,
            earlier: Dictionary(
                first.nodes.compactMap { entry in (try? entry.1.get()).map { (entry.0, $0) } }
            ) { $1 },
            observers: second.observers)
        planner.answeredElsewhere = answeredElsewhere
        return planner.plan()
    }

    private func probeResults(
        _ cluster: Cluster
    ) async -> (
        nodes: [(HostID, Result<HostFacts, RemoteError>)],
        observers: [(HostID, Result<HostFacts, RemoteError>)]
    ) {
        let transport = transport
        let targets = cluster.nodes.map(\.target) + cluster.observers.map(\.target)
        let answers = await fanOut(over: targets, window: targets.count) {
            await transport.facts(of: $0, Probe(.fix))
        }
        let all = Array(zip(targets.map(\.id), answers))
        return (Array(all.prefix(cluster.nodes.count)), Array(all.dropFirst(cluster.nodes.count)))
    }

    /// Carries the plan out and verifies the result by kernel, daemon and ARP.
    ///
    /// - `insists`: do it although a cause of the split-brain remains.
    package func carryOut(
        _ plan: FixPlan, timing: RolloutTiming? = nil, interrupt: Interrupt = Interrupt(),
        insists: Bool = false
    ) async -> RolloutReport {
        if !plan.unreachable.isEmpty {
            return .unreachable(plan.unreachable)
        }
        if plan.isEmpty { return await nothingToDo(on: plan.cluster) }
        let objections = plan.objections(insists: insists)
        guard objections.isEmpty, plan.hasWork else {
            var report = RolloutReport(outcome: .refused(objections))
            report.left = plan.edits
            return report
        }
        return await locked(plan.cluster, "fix") { context, lost in
            let fresh = await ownershipPlan(of: plan.cluster, answeredElsewhere: plan.answeredElsewhere)
            guard fresh.unreachable.isEmpty else {
                return .unreachable(fresh.unreachable)
            }
            if fresh.isEmpty, plan.change == nil {
                return RolloutReport(
                    outcome: .done, notes: ["it has healed by itself since the plan was made"])
            }
            guard fresh.isEmpty || fresh.actions == plan.actions else { return .overtaken }
            // A change puts a scheduled rollback off and judges what is in force; actions alone do not.
            if plan.change == nil, plan.actions.contains(where: { !$0.isAnnouncement }) {
                let waits = await reasonsToWaitUnderLock(plan.cluster)
                guard waits.isEmpty else { return RolloutReport(outcome: .refused(waits)) }
            }
            let operations = NodeOperations(
                transport: transport, clock: clock, context: context,
                timing: timing ?? RolloutTiming(plan.cluster))
            let known = plan.problemsOfOthers(in: await operations.look(plan.cluster))
            var runner = FixRunner(
                cluster: plan.cluster, actions: plan.actions, baseline: known, operations: operations,
                events: events.on(cluster: plan.cluster.name))
            guard let loads = try? await refusedLoads(of: plan) else {
                return RolloutReport(outcome: .interrupted)
            }
            let faults = await runner.refusedConfigurations() + loads
            guard faults.isEmpty else { return RolloutReport(outcome: .refused(faults)) }
            var report = RolloutReport(outcome: .done)
            if let change = plan.change {
                report = await carryOut(change, operations, interrupt, lost)
                guard report.outcome == .done else { return report }
                let after = await ownershipPlan(of: plan.cluster, answeredElsewhere: plan.answeredElsewhere)
                guard after.unreachable.isEmpty else {
                    let silent = after.unreachable.values.sorted { $0.host < $1.host }
                    report.outcome = .failed(
                        ["the change is made, but its effect is not known"]
                            + silent.map(\.description))
                    return report
                }
                if !after.isEmpty, !after.causes.isEmpty, !insists {
                    report.outcome = .failed(
                        ["the change is made, but the split-brain continues"] + after.causes)
                    return report
                }
                // A node that has given up its addresses meanwhile needs no action, and only actions that were shown
                // are performed.
                runner.actions = plan.actions.filter { after.actions.contains($0) || $0.isAnnouncement }
            }
            runner.fates = report.fates
            let ended = await runner.run(interrupt)
            report.outcome = ended.outcome
            report.fates = ended.fates
            report.notes += ended.notes
            report.notes += await operations.look(plan.cluster).ownerNotes(
                of: plan.cluster, awaiting: plan.moves)
            return report
        }
    }

    /// Plans the change of nodes again under the lock and carries it out as apply does. Earlier problems are ignored
    /// until all is done; a new problem stops it.
    private func carryOut(
        _ change: ClusterPlan, _ operations: NodeOperations, _ interrupt: Interrupt, _ lost: Interrupt
    ) async -> RolloutReport {
        guard let fresh = try? await plan(change.cluster, purpose: change.purpose, change.goal) else {
            return RolloutReport(outcome: .interrupted)
        }
        guard fresh.fingerprint == change.fingerprint else { return .overtaken }
        guard fresh.obstacles.isEmpty else { return RolloutReport(outcome: .refused(fresh.obstacles)) }
        var operations = operations
        operations.ignoresARP = true
        var state = RolloutState(
            fresh, expected: Set(change.cluster.nodes.map(\.id)),
            handsOver: change.cluster.keepalived?.preempt ?? true, acceptsProblems: true)
        let runner = Runner(plan: fresh, operations: operations, events: events, awaitsPeace: false)
        let outcome = await runner.run(&state, interrupt: interrupt, lost: lost)
        var fates = state.fates
        for plan in fresh.nodes
        where plan.unmanaged.contains(where: { $0.daemon == .keepalived })
            && fates[plan.node.id] == .restored
        {
            fates[plan.node.id] = .broken("keepalived had its earlier configuration only in memory")
        }
        return RolloutReport(outcome: outcome, fates: fates, notes: await runner.notes)
    }
}

extension FixPlan {
    /// Earlier problems that no action of this plan ends: those of daemons and checks, and addresses that a MASTER
    /// does not have configured.
    fileprivate func problemsOfOthers(in view: ClusterView) -> Set<Problem> {
        let disturbed = Set(actions.filter { !$0.isAnnouncement }.map(\.node))
        let absent = view.absences(of: cluster).filter { problem in
            problem.node.map { !disturbed.contains($0) } ?? false
        }
        return Set(
            view.serviceProblems(of: cluster, expected: Set(cluster.nodes.map(\.id))) + absent)
    }
}

extension RolloutReport {
    fileprivate static let overtaken = RolloutReport(
        outcome: .refused(["the cluster has changed since the plan was made: make it again"]))
}
