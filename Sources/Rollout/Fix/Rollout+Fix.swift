import Addresses
import Facts
package import Inventory
import Remote

extension Rollout {
    /// What is wrong with the ownership of a cluster's addresses and what ends it. Changes nothing; takes two
    /// looks, more than an advert interval apart, to see who hears whom.
    package func planFix(of cluster: Cluster) async -> FixPlan {
        let first = await testimonies(cluster)
        let interval = Duration.milliseconds(10 * (cluster.keepalived?.advertInterval ?? 100))
        try? await clock.sleep(for: interval * 5 / 2)
        let second = await testimonies(cluster)
        let planner = FixPlanner(
            cluster: cluster, nodes: second.nodes,
            earlier: Dictionary(
                first.nodes.compactMap { entry in (try? entry.1.get()).map { (entry.0, $0) } }
            ) { $1 },
            observers: second.observers)
        return planner.plan()
    }

    private func testimonies(
        _ cluster: Cluster
    ) async -> (
        nodes: [(HostID, Result<HostFacts, RemoteError>)],
        observers: [(HostID, Result<HostFacts, RemoteError>)]
    ) {
        let transport = transport
        let targets = cluster.nodes.map(\.target) + cluster.observers.map(\.target)
        let probe = Probe([
            SystemFact(), InterfacesFact(), ServicesFact(), KeepalivedFact(), NeighboursFact(),
            FirewallFact(),
            HaopsStateFact(),
        ])
        let answers = await fanOut(over: targets, window: targets.count) {
            await transport.facts(of: $0, probe)
        }
        let all = Array(zip(targets.map(\.id), answers))
        return (Array(all.prefix(cluster.nodes.count)), Array(all.dropFirst(cluster.nodes.count)))
    }

    /// Does what the plan says and proves it by kernel, daemon and ARP.
    ///
    /// - Parameter insists: do it although a cause is still there.
    package func carryOut(
        _ plan: FixPlan, timing: RolloutTiming? = nil, interrupt: Interrupt = Interrupt(),
        insists: Bool = false
    ) async -> RolloutReport {
        if !plan.unreachable.isEmpty {
            return RolloutReport(outcome: .unreachable(plan.unreachable.values.sorted { $0.host < $1.host }))
        }
        if plan.isEmpty { return RolloutReport(outcome: .nothingToDo) }
        if !plan.causes.isEmpty, !insists { return RolloutReport(outcome: .refused(plan.causes)) }
        guard !plan.actions.isEmpty else { return RolloutReport(outcome: .refused(plan.findings)) }
        return await locked(plan.cluster, "fix") { context, _ in
            let fresh = await planFix(of: plan.cluster)
            if fresh.isEmpty {
                return RolloutReport(
                    outcome: .done, notes: ["it has healed by itself since the plan was made"])
            }
            guard fresh.actions == plan.actions else {
                return RolloutReport(
                    outcome: .refused(["the cluster has changed since the plan was made: make it again"]))
            }
            let hands = NodeHands(
                transport: transport, clock: clock, context: context,
                timing: timing ?? RolloutTiming(plan.cluster))
            return await Mender(plan: fresh, hands: hands, observer: observer).mend(interrupt)
        }
    }
}

/// Performs a fix action by action.
struct Mender: Sendable {
    var plan: FixPlan
    var hands: NodeHands
    var observer: any RolloutObserver

    func mend(_ interrupt: Interrupt) async -> RolloutReport {
        var report = RolloutReport(outcome: .done)
        for action in plan.actions {
            if interrupt.isRequested {
                report.outcome = .interrupted
                await hands.finish(plan.cluster, "interrupted")
                return report
            }
            let node = action.node
            await observer.observe(RolloutEvent(node: node, stage: .change, phase: .begins))
            let event = await perform(action)
            if case .succeeded = event {
                await observer.observe(RolloutEvent(node: node, stage: .change, phase: .ends))
                report.fates[node] = .changed
            } else {
                await observer.observe(
                    RolloutEvent(
                        node: node, stage: .change, phase: .fails(event.reasons.joined(separator: "; "))))
                report.fates[node] = .broken(event.reasons.joined(separator: "; "))
                if case .unknown = event {
                    report.outcome = .unknown(event.reasons)
                } else {
                    report.outcome = .failed(event.reasons)
                }
                await hands.finish(plan.cluster, "failed")
                return report
            }
        }
        await observer.observe(RolloutEvent(node: nil, stage: .verify, phase: .begins))
        let settled = await hands.settle(plan.cluster, within: hands.timing.election + hands.timing.settle)
        if case .succeeded = settled {
            await observer.observe(RolloutEvent(node: nil, stage: .verify, phase: .ends))
        } else {
            report.outcome = .failed(settled.reasons)
        }
        await hands.finish(plan.cluster, report.outcome == .done ? "done" : "failed")
        return report
    }

    private func perform(_ action: FixPlan.Action) async -> RolloutState.Event {
        guard let node = plan.cluster.nodes.first(where: { $0.id == action.node }) else { return .failed([]) }
        func mend(stop: Bool, _ addresses: [FixPlan.Address], start: Bool) async -> RolloutState.Event {
            await hands.insist(
                node, [.services, .mend],
                [
                    ("STOP", stop ? "yes" : "no"), ("START", start ? "yes" : "no"),
                    ("CLEAR", addresses.map { "\($0.interface) \($0.cidr)\n" }.joined()),
                ], "mend it")
        }
        switch action {
        case .giveWay(_, let addresses, _): return await mend(stop: true, addresses, start: true)
        case .clear(_, let addresses, let starts, _): return await mend(stop: false, addresses, start: starts)
        case .start: return await mend(stop: false, [], start: true)
        case .restart: return await mend(stop: true, [], start: true)
        case .announce(_, let name, let addresses, _):
            // What was just changed may move the addresses once more; whoever has them in the end announces them.
            _ = await hands.settle(plan.cluster, within: hands.timing.election)
            let view = await hands.look(plan.cluster)
            let owner = plan.cluster.keepalived?.instances.first { $0.name == name }.flatMap(view.owner)
            return await hands.insist(
                plan.cluster.nodes.first { $0.id == owner } ?? node, [.services, .announce],
                [("ADDRESSES", addresses.map { "\($0.cidr.address)\n" }.joined())], "announce its addresses")
        }
    }
}
