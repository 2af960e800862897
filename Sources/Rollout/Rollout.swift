package import Events
import Facts
package import Inventory
package import Remote
package import Rendering

/// Changes clusters. No change can take a service down without being rolled back. The writing commands call it.
///
/// Each verb has a plan, a value that describes everything that will be done.
/// ``carryOut(_:timing:interrupt:acceptsProblems:)`` or another function carries it out under the lock and the gates.
package struct Rollout: Sendable {
    package var transport: any Transport
    package var clock: any Clock<Duration>
    package var `operator`: Operator
    package var events: EventEmitter
    /// Random bytes with which plans of `apply` record what they are based on; `nil` where nobody asks for that.
    package var basisSalt: [UInt8]?

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

    /// Plans what makes every node, or `only` some, match the inventory. Changes nothing.
    ///
    /// - Throws: `InterruptedQuestion` when the run was interrupted while the nodes were asked, as every plan does.
    package func plan(
        _ cluster: Cluster, rendered: [RenderedNode], only: Set<HostID>? = nil
    ) async throws(InterruptedQuestion) -> ClusterPlan {
        try await plan(cluster, purpose: Self.purposeOfApply, Self.goal(rendered, of: cluster, only: only))
    }

    /// The purpose of an apply in locks and journals.
    static let purposeOfApply = "apply"

    /// The goal of an apply: every node, or `only` some, as its rendered files say.
    static func goal(
        _ rendered: [RenderedNode], of cluster: Cluster, only names: Set<HostID>?
    ) -> ClusterPlan.Goal {
        let desired = rendered.map { ($0.node.id, DesiredNode($0, of: cluster)) }
        return .converge(Dictionary(desired) { $1 }, only: names)
    }

    /// Plans a rolling restart of `keepalived`, `haproxy` or both.
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
        // A node that answers without its addresses is as unknown as one that does not answer.
        plan.unreachable.merge(look.unreachable) { first, _ in first }
        return plan
    }

    /// The facts that a node must report for a plan.
    static func facts(for goal: ClusterPlan.Goal, on node: HostID) -> [any Fact] {
        var facts: [any Fact] = .change
        switch goal {
        case .restart(let services, let only):
            // The configuration of nodes that stay unchanged matters for their peers.
            facts += [any Fact].restart
            if only?.contains(node) != false, services.contains("haproxy") {
                facts += [any Fact].haproxyRestart
            }
        case .converge(let desired, _), .goBack(let desired, _):
            guard let desired = desired[node] else { break }
            // The distribution decides which file contains the daemon's arguments, and the same question asks for it.
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

    /// Carries a plan out under all gates. The plan is made again under the lock; if it differs from the one that was
    /// shown, nothing is done.
    ///
    /// - `interrupt`: read between steps; the node in progress is finished or rolled back.
    /// - `acceptsProblems`: continue although the cluster already has problems.
    package func carryOut(
        _ plan: ClusterPlan, timing: RolloutTiming? = nil, interrupt: Interrupt = Interrupt(),
        acceptsProblems: Bool = false
    ) async -> RolloutReport {
        guard plan.unreachable.isEmpty else {
            return .unreachable(plan.unreachable)
        }
        guard plan.obstacles.isEmpty else { return RolloutReport(outcome: .refused(plan.obstacles)) }
        if plan.isEmpty {
            // Another run may be about to change what looks correct.
            return RolloutReport(outcome: plan.locks.isEmpty ? .nothingToDo : .refused(plan.locks))
        }
        return await locked(plan.cluster, plan.purpose) { context, lost in
            guard
                let fresh = try? await self.plan(plan.cluster, purpose: plan.purpose, plan.goal)
                    .awaitingConfirmation(within: plan.confirmWithin)
            else { return RolloutReport(outcome: .interrupted) }
            guard fresh.unreachable.isEmpty else {
                return .unreachable(fresh.unreachable)
            }
            guard fresh.fingerprint == plan.fingerprint else {
                return RolloutReport(
                    outcome: .refused(["the nodes have changed since the plan was made: make it again"]))
            }
            // Files on the nodes outside the plan may have changed as well.
            guard fresh.obstacles.isEmpty else { return RolloutReport(outcome: .refused(fresh.obstacles)) }
            let operations = NodeOperations(
                transport: transport, clock: clock, context: context,
                timing: timing ?? RolloutTiming(plan.cluster))
            if !acceptsProblems {
                let standing = fresh.standingProblems
                guard standing.isEmpty else { return RolloutReport(outcome: .refused(standing)) }
            }
            guard fresh.nodes.contains(where: \.disturbsService), !fresh.expected.isEmpty else {
                return await carryOut(
                    fresh, by: operations, interrupt, lost, acceptsProblems: acceptsProblems)
            }
            let watch = SilenceWatch(cluster: fresh.cluster, transport: transport)
            let watched = await watch.during(fresh.moves + fresh.returns) {
                await carryOut(fresh, by: operations, interrupt, lost, acceptsProblems: acceptsProblems)
            }
            var report = watched.value
            report.silences = watched.silences
            // A plan that moves no address needs no note about owners, and a run that began nothing has moved none.
            if fresh.nodes.contains(where: \.disturbsService),
                report.fates.values.contains(where: \.isTouched)
            {
                let view = await operations.look(plan.cluster)
                report.notes += view.ownerNotes(of: plan.cluster, awaiting: fresh.returns)
            }
            return report
        }
    }

    /// Carries out a plan that was just made, under the lock that the caller holds.
    func carryOut(
        _ plan: ClusterPlan, by operations: NodeOperations, _ interrupt: Interrupt, _ lost: Interrupt,
        acceptsProblems: Bool = false
    ) async -> RolloutReport {
        var state = RolloutState(
            plan, expected: plan.expected, handsOver: plan.cluster.keepalived?.preempt ?? true,
            acceptsProblems: acceptsProblems)
        let runner = Runner(plan: plan, operations: operations, events: events)
        let outcome = await runner.run(&state, interrupt: interrupt, lost: lost)
        var report = RolloutReport(outcome: outcome, fates: state.fates, notes: await runner.notes)
        if await runner.isHeld { report.confirmWithin = plan.confirmWithin }
        return report
    }

    /// Runs `body` while all nodes of the cluster are locked. A lost lock requests `lost`.
    ///
    /// - `nodes`: their locks may be lost, as the run itself cuts their connections.
    func locked(
        _ cluster: Cluster, _ purpose: String, expectingLossOn nodes: Set<HostID> = [],
        _ body: @escaping @Sendable (NodeScript.Context, _ lost: Interrupt) async -> RolloutReport
    ) async -> RolloutReport {
        // A cancelled run begins nothing.
        guard !Task.isCancelled else { return RolloutReport(outcome: .interrupted) }
        let work = events.on(cluster: cluster.name).begin(.cluster, purpose)
        let report = await underLock(cluster, purpose, nodes, body)
        work.end(report.outcome.phase, report.outcome.keyword)
        return report
    }

    private func underLock(
        _ cluster: Cluster, _ purpose: String, _ doomed: Set<HostID>,
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
            return try await locks.hold(
                cluster.nodes.map(\.target), lost: { if !doomed.contains($0) { lost.request() } }
            ) { [context] in
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

    /// Why a run is refused because of a lock, and what the operator can do.
    static func locked(_ node: HostID, by holder: LockHolder) -> String {
        "`\(node)`: locked by \(holder)\nhint: wait until it has ended; if the run is dead, haops unlock breaks the lock"
    }
}
