import Addresses
import Events
import Inventory
import Remote

/// Performs a fix, one action at a time.
struct FixRunner: Sendable {
    var cluster: Cluster
    var actions: [FixPlan.Action]
    /// Earlier problems, which do not stop the work.
    var baseline: Set<Problem>
    var operations: NodeOperations
    var events: EventEmitter
    /// What was done on the nodes before the actions.
    var fates: [HostID: NodeFate] = [:]

    func run(_ interrupt: Interrupt) async -> RolloutReport {
        var report = RolloutReport(outcome: .done, fates: fates)
        for action in actions {
            if interrupt.isRequested {
                report.outcome = .interrupted
                await operations.finish(cluster.nodes, report.end)
                return report
            }
            let node = action.node
            let change = events.begin(.change, node: node)
            let event = await perform(action)
            if case .succeeded = event {
                change.ends()
                report.fates[node] = .changed
            } else {
                if case .unknown(let error) = event {
                    change.isUnknown(error)
                } else {
                    change.fails(event.reasons.joined(separator: "; "))
                }
                report.fates[node] = .broken(event.reasons.joined(separator: "; "))
                if case .unknown = event {
                    report.outcome = .unknown(event.reasons)
                } else {
                    report.outcome = .failed(event.reasons)
                }
                await operations.finish(cluster.nodes, report.end)
                return report
            }
        }
        let verify = events.begin(.verify)
        let started = actions.filter { !$0.isAnnouncement }.map(\.node)
        let settled = await operations.settle(
            cluster, baseline: baseline,
            disturbed: Dictionary(started.map { ($0, Disturbance(keepalived: .restart)) }) { $1 },
            within: operations.timing.election + operations.timing.settle)
        if case .succeeded = settled {
            verify.ends()
        } else {
            verify.fails(settled.reasons.joined(separator: "; "))
            report.outcome = .failed(settled.reasons)
            for action in actions where report.fates[action.node] == .changed {
                report.fates[action.node] = .unverified(settled.reasons.joined(separator: "; "))
            }
        }
        await operations.finish(cluster.nodes, report.end)
        return report
    }

    /// Errors that would prevent a keepalived stopped by these actions from starting again.
    func refusedConfigurations() async -> [String] {
        let stopped = Set(actions.filter(\.stopsKeepalived).map(\.node))
        var faults: [String] = []
        for node in cluster.nodes where stopped.contains(node.id) {
            let judged = await operations.validate(
                node, unmanaged: [UnmanagedConfig(.keepalived, isLoaded: true)])
            if !judged.isSuccess { faults += judged.reasons }
        }
        return faults
    }

    private func perform(_ action: FixPlan.Action) async -> RolloutState.Event {
        guard let node = cluster.nodes.first(where: { $0.id == action.node }) else { return .failed([]) }
        func restore(stop: Bool, _ addresses: [FixPlan.Address], start: Bool) async -> RolloutState.Event {
            await operations.insist(
                node, [.services, .fix],
                [
                    ("STOP", stop ? "yes" : "no"), ("START", start ? "yes" : "no"),
                    ("CLEAR", addresses.map { "\($0.interface) \($0.cidr)\n" }.joined()),
                ], "restore keepalived")
        }
        switch action {
        case .giveWay(_, let addresses, _): return await restore(stop: true, addresses, start: true)
        case .clear(_, let addresses, let starts, _):
            return await restore(stop: false, addresses, start: starts)
        case .start: return await restore(stop: false, [], start: true)
        case .restart: return await restore(stop: true, [], start: true)
        case .announce(_, let name, let addresses, _):
            // The change may move the addresses once more; their final owner announces them at the end.
            var withoutARP = operations
            withoutARP.ignoresARP = true
            _ = await withoutARP.settle(cluster, baseline: baseline, within: operations.timing.election)
            let view = await operations.look(cluster)
            let owner = cluster.keepalived?.instances.first { $0.name == name }.flatMap(view.owner)
            return await operations.insist(
                cluster.nodes.first { $0.id == owner } ?? node, [.services, .announce],
                [("ADDRESSES", addresses.map { "\($0.cidr.address)\n" }.joined())], "announce its addresses")
        }
    }
}
