package import Events
import Facts
package import Inventory
package import Remote
package import Rendering

/// Changes clusters so that no change could have hurt: what the writing commands call.
///
/// Each verb has a plan, a value that says everything that will be done, and ``carryOut(_:timing:interrupt:acceptsProblems:)``
/// or a function of its own that does it under the lock and the gates.
package struct Rollout: Sendable {
    package var transport: any Transport
    package var clock: any Clock<Duration>
    package var `operator`: Operator
    package var events: EventEmitter

    package init(
        transport: any Transport, operator: Operator, events: EventEmitter = EventEmitter(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.transport = transport
        self.operator = `operator`
        self.events = events
        self.clock = clock
    }

    // MARK: Planning

    /// What it takes to make every node as the inventory says, or `only` some. Changes nothing.
    ///
    /// - Throws: `InterruptedQuestion`, as every plan does that was interrupted while the nodes were asked.
    package func plan(
        _ cluster: Cluster, rendered: [RenderedNode], only: Set<HostID>? = nil
    ) async throws(InterruptedQuestion) -> ClusterPlan {
        try await plan(cluster, purpose: Self.purposeOfApply, Self.goal(rendered, of: cluster, only: only))
    }

    /// What locks and journals call an apply.
    static let purposeOfApply = "apply"

    /// Every node as its rendered files say, or `only` some.
    static func goal(
        _ rendered: [RenderedNode], of cluster: Cluster, only names: Set<HostID>?
    ) -> ClusterPlan.Goal {
        let desired = rendered.map { ($0.node.id, DesiredNode($0, of: cluster)) }
        return .converge(Dictionary(desired) { $1 }, only: names)
    }

    /// A rolling restart of `keepalived`, `haproxy` or both.
    package func planRestart(
        of cluster: Cluster, services: Set<String>, only: Set<HostID>? = nil
    ) async throws(InterruptedQuestion) -> ClusterPlan {
        try await plan(
            cluster, purpose: "restart " + services.sorted().joined(separator: " and "),
            .restart(services, only: only))
    }

    func plan(
        _ cluster: Cluster, purpose: String, _ goal: ClusterPlan.Goal
    ) async throws(InterruptedQuestion) -> ClusterPlan {
        let more = cluster.nodes.map { ($0.id, Self.facts(for: goal, on: $0.id)) }
        let viewer = ClusterViewer(transport: transport, cluster: cluster)
        let look = try await onceStepsHaveEnded(on: cluster) { () async throws(InterruptedQuestion) in
            try await viewer.question(asking: Dictionary(more) { first, _ in first })
        } pending: { look in
            look.answers.map { ($0.node.id, (try? $0.facts.get())?.known(PendingFact.self)) }
        }
        var plan = Planner.plan(cluster, purpose: purpose, goal: goal, facts: look.answers, view: look.view)
        // A node that answers and cannot say what addresses it has is as unknown as a silent one.
        plan.unreachable.merge(look.unreachable) { first, _ in first }
        return plan
    }

    /// What a node is asked so that a plan can be made.
    static func facts(for goal: ClusterPlan.Goal, on node: HostID) -> [any Fact] {
        var facts: [any Fact] = .change
        switch goal {
        case .restart(let services, let only):
            // What those read that are left alone counts for their peers.
            facts += [ConfigurationFilesFact(), LoadTimesFact(), KeepalivedFact()]
            if only?.contains(node) != false, services.contains("haproxy") {
                facts += [HAProxyFact(), HAProxyLoadFact(), HAProxyNeedsFact()]
            }
        case .converge(let desired, _):
            guard let desired = desired[node] else { break }
            // Which of them the daemon's arguments are in depends on the distribution, which the same question asks.
            let options =
                desired.files.contains { $0.role == .keepalivedOptions }
                ? NodeFamily.allCases.map(\.keepalivedOptions) : []
            facts += [
                ConfigurationFilesFact(),
                FilesFact(
                    desired.files.map(\.path) + options
                        + (desired.firewall == nil ? [] : FirewallOpening.paths)
                        + [NodePaths.manifest],
                    listedIn: desired.removesLeftovers ? NodePaths.manifest : nil),
                SysctlFact(desired.sysctls.map(\.key)),
                PackagesFact(desired.packages), KeepalivedFact(), LoadTimesFact(),
                HAProxyLoadFact(),
            ]
            if desired.firewall != nil { facts.append(FirewallFact()) }
        }
        return facts
    }

    // MARK: Doing

    /// Carries a plan out under all gates. The plan is made again under the lock; when it is not the one that was
    /// shown any more, nothing is done.
    ///
    /// - `interrupt`: asked between steps; the node under way is finished or put back.
    /// - `acceptsProblems`: go on although the cluster is not healthy already.
    package func carryOut(
        _ plan: ClusterPlan, timing: RolloutTiming? = nil, interrupt: Interrupt = Interrupt(),
        acceptsProblems: Bool = false
    ) async -> RolloutReport {
        guard plan.unreachable.isEmpty else {
            return RolloutReport(outcome: .unreachable(plan.unreachable.values.sorted { $0.host < $1.host }))
        }
        guard plan.obstacles.isEmpty else { return RolloutReport(outcome: .refused(plan.obstacles)) }
        if plan.isEmpty {
            // Another run may be about to change what looks right.
            return RolloutReport(outcome: plan.locks.isEmpty ? .nothingToDo : .refused(plan.locks))
        }
        return await locked(plan.cluster, plan.purpose) { context, lost in
            guard let fresh = try? await self.plan(plan.cluster, purpose: plan.purpose, plan.goal) else {
                return RolloutReport(outcome: .interrupted)
            }
            guard fresh.unreachable.isEmpty else {
                return RolloutReport(
                    outcome: .unreachable(fresh.unreachable.values.sorted { $0.host < $1.host }))
            }
            guard fresh.fingerprint == plan.fingerprint else {
                return RolloutReport(
                    outcome: .refused(["the nodes have changed since the plan was made: make it again"]))
            }
            // What stands on the nodes and is no part of the plan may have changed as well.
            guard fresh.obstacles.isEmpty else { return RolloutReport(outcome: .refused(fresh.obstacles)) }
            let operations = NodeOperations(
                transport: transport, clock: clock, context: context,
                timing: timing ?? RolloutTiming(plan.cluster))
            var report = await carryOut(
                fresh, by: operations, interrupt, lost, acceptsProblems: acceptsProblems)
            // What moves no address needs no word about owners, and a run that began nothing has moved none.
            if fresh.nodes.contains(where: \.disturbsService),
                report.fates.values.contains(where: \.isTouched)
            {
                let view = await operations.look(plan.cluster)
                report.notes += view.ownerNotes(of: plan.cluster, awaiting: fresh.returns)
            }
            return report
        }
    }

    /// Carries out a plan that was just made, under a lock that is held.
    func carryOut(
        _ plan: ClusterPlan, by operations: NodeOperations, _ interrupt: Interrupt, _ lost: Interrupt,
        acceptsProblems: Bool = false
    ) async -> RolloutReport {
        var state = RolloutState(
            plan, expected: plan.expected, handsOver: plan.cluster.keepalived?.preempt ?? true,
            acceptsProblems: acceptsProblems)
        let runner = Runner(plan: plan, operations: operations, events: events)
        let outcome = await runner.run(&state, interrupt: interrupt, lost: lost)
        return RolloutReport(outcome: outcome, fates: state.fates, notes: await runner.notes)
    }

    /// Runs `body` while all nodes of the cluster are locked; `lost` is requested when a lock was lost meanwhile.
    func locked(
        _ cluster: Cluster, _ purpose: String,
        _ body: @escaping @Sendable (NodeScript.Context, _ lost: Interrupt) async -> RolloutReport
    ) async -> RolloutReport {
        // Whoever was told to stop begins nothing.
        guard !Task.isCancelled else { return RolloutReport(outcome: .interrupted) }
        let work = events.on(cluster: cluster.name).begin(.cluster, purpose)
        let report = await underLock(cluster, purpose, body)
        work.end(report.outcome.phase, report.outcome.keyword)
        return report
    }

    private func underLock(
        _ cluster: Cluster, _ purpose: String,
        _ body: @escaping @Sendable (NodeScript.Context, _ lost: Interrupt) async -> RolloutReport
    ) async -> RolloutReport {
        var context = NodeScript.Context(
            run: events.names.name(for: cluster.name).text, who: `operator`.name, what: purpose)
        let lost = Interrupt()
        let locks = NodeLocks(
            transport: transport, context: context, who: `operator`,
            longest: RolloutTiming(cluster).longest(cluster.nodes.count, installs: true))
        context.isLocked = true
        let lock = events.on(cluster: cluster.name).begin(.lock)
        do {
            return try await locks.hold(cluster.nodes.map(\.target), lost: lost) { [context] in
                lock.ends()
                return await body(context, lost)
            }
        } catch let failure as NodeLocks.Failure {
            let reason =
                switch failure {
                case .busy(let node, let holder): Self.locked(node, by: holder)
                case .refused(let node, let why): "`\(node)`: cannot be locked: \(why)"
                }
            lock.fails(reason)
            return RolloutReport(outcome: .refused([reason]))
        } catch let error as RemoteError {
            lock.isUnknown(error)
            return RolloutReport(outcome: .unreachable([error]))
        } catch {
            lock.end(.skipped, "interrupted")
            return RolloutReport(outcome: .interrupted)
        }
    }

    /// Why a run is refused, and what can be done about it.
    static func locked(_ node: HostID, by holder: LockHolder) -> String {
        "`\(node)`: locked by \(holder)\nhint: wait until it has ended; if nobody is there any more, haops unlock breaks the lock"
    }
}
