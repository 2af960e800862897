import Facts
package import Inventory
package import Remote
package import Rendering

/// Changes clusters so that no change could have hurt: what the writing commands call.
package struct Rollout: Sendable {
    package var transport: any Transport
    package var clock: any Clock<Duration>
    package var `operator`: Operator
    package var observer: any RolloutObserver

    package init(
        transport: any Transport, operator: Operator, observer: any RolloutObserver = SilentObserver(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.transport = transport
        self.operator = `operator`
        self.observer = observer
        self.clock = clock
    }

    // MARK: Planning

    /// Asks every node and compares; changes nothing.
    package func plan(_ cluster: Cluster, rendered: [RenderedNode]) async -> ClusterPlan {
        await plan(
            cluster,
            desired: Dictionary(rendered.map { ($0.node.id, $0.files.map(DesiredFile.init)) }) { $1 },
            purpose: "apply")
    }

    func plan(
        _ cluster: Cluster, desired: [HostID: [DesiredFile]], purpose: String
    ) async -> ClusterPlan {
        let transport = transport
        let answers = await fanOut(over: cluster.nodes.map(\.target), window: 64) { target in
            await transport.facts(of: target, Self.probe(cluster, desired[target.id] ?? []))
        }
        let view = await ClusterViewer(transport: transport, cluster: cluster).look()
        let nodes = zip(cluster.nodes, answers).map { node, facts in
            PlannedNode(node: node, desired: desired[node.id] ?? [], facts: facts)
        }
        return Planner.plan(cluster, purpose: purpose, nodes: nodes, view: view)
    }

    private static func probe(_ cluster: Cluster, _ desired: [DesiredFile]) -> Probe {
        Probe([
            SystemFact(), FilesFact(desired.map(\.path)), ServicesFact(),
            SysctlFact(cluster.sysctl.map(\.key)),
            HAProxyFact(), PackagesFact(cluster.packages), InterfacesFact(),
        ])
    }

    // MARK: Doing

    /// Carries a plan out under all gates. The plan is made again under the lock; when it is not the one that was
    /// shown any more, nothing is done.
    ///
    /// - Parameters:
    ///   - interrupt: asked between steps; the node under way is finished or put back.
    ///   - acceptsProblems: go on although the cluster is not healthy already.
    package func apply(
        _ plan: ClusterPlan, timing: RolloutTiming? = nil, interrupt: Interrupt = Interrupt(),
        acceptsProblems: Bool = false, replan: @escaping @Sendable () async -> ClusterPlan
    ) async -> RolloutReport {
        if !plan.unreachable.isEmpty {
            return RolloutReport(outcome: .unreachable(plan.unreachable.values.sorted { $0.host < $1.host }))
        }
        guard plan.obstacles.isEmpty else { return RolloutReport(outcome: .refused(plan.obstacles)) }
        if plan.isEmpty { return RolloutReport(outcome: .nothingToDo) }
        let context = NodeScript.Context(run: Self.newRun(), who: `operator`.name, what: plan.purpose)
        let timing = timing ?? RolloutTiming(plan.cluster)
        return await locked(plan.cluster, context) { lost in
            let fresh = await replan()
            guard fresh.fingerprint == plan.fingerprint else {
                return RolloutReport(
                    outcome: .refused(["the nodes have changed since the plan was made: make it again"]))
            }
            var state = RolloutState(
                fresh, expected: fresh.expected, handsOver: plan.cluster.keepalived?.preempt ?? true,
                acceptsProblems: acceptsProblems)
            let runner = Runner(
                plan: fresh, transport: transport, clock: clock, context: context, timing: timing,
                observer: observer)
            let outcome = await runner.run(&state, interrupt: interrupt, lost: lost)
            return RolloutReport(outcome: outcome, fates: state.fates, notes: await runner.notes)
        }
    }

    private func locked(
        _ cluster: Cluster, _ context: NodeScript.Context,
        _ body: @escaping @Sendable (Interrupt) async -> RolloutReport
    ) async -> RolloutReport {
        let lost = Interrupt()
        let locks = NodeLocks(transport: transport, context: context, who: `operator`)
        do {
            await observer.observe(RolloutEvent(node: nil, stage: .lock, phase: .begins))
            return try await locks.hold(cluster.nodes.map(\.target), lost: lost) { await body(lost) }
        } catch let failure as NodeLocks.Failure {
            switch failure {
            case .busy(let node, let holder):
                return RolloutReport(outcome: .refused(["`\(node)`: locked by \(holder)"]))
            case .refused(let node, let why):
                return RolloutReport(outcome: .refused(["`\(node)`: cannot be locked: \(why)"]))
            case .unreachable(let errors): return RolloutReport(outcome: .unreachable(errors))
            }
        } catch let error as RemoteError {
            return RolloutReport(outcome: .unreachable([error]))
        } catch {
            return RolloutReport(outcome: .interrupted)
        }
    }

    /// `20261121T084349Z-k3x9f2`: sorts by time, and two runs never share it.
    static func newRun() -> String {
        UTCTime.now.description + "-" + String(UInt32.random(in: .min ... .max), radix: 36)
    }
}
