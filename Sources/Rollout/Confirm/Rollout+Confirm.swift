import Events
import Facts
package import Inventory
import Remote

/// Keeps a change that waits for a person. To take it back is a rollback, see ``planRollback(of:before:secrets:)``.
extension Rollout {
    /// Asks what waits on a cluster's nodes. Changes nothing.
    package func planConfirm(of cluster: Cluster) async -> ConfirmPlan {
        let (work, unreachable) = await pending(on: cluster)
        return ConfirmPlan(cluster: cluster, pending: work, unreachable: unreachable)
    }

    /// Confirms what waits, on all nodes or on none: under the lock, behind a gate, over a new login to each node.
    ///
    /// - `acceptsProblems`: confirms although the cluster has problems.
    package func carryOut(
        _ plan: ConfirmPlan, timing: RolloutTiming? = nil, interrupt: Interrupt = Interrupt(),
        acceptsProblems: Bool = false
    ) async -> RolloutReport {
        guard plan.unreachable.isEmpty else {
            return .unreachable(plan.unreachable)
        }
        guard plan.obstacles.isEmpty else { return RolloutReport(outcome: .refused(plan.obstacles)) }
        guard !plan.changes.isEmpty else { return RolloutReport(outcome: .nothingToDo) }
        return await locked(plan.cluster, "confirm") { context, lost in
            let fresh = await planConfirm(of: plan.cluster)
            guard fresh.unreachable.isEmpty else {
                return .unreachable(fresh.unreachable)
            }
            guard fresh.changes.map(\.run) == plan.changes.map(\.run),
                fresh.changes.map(\.nodes) == plan.changes.map(\.nodes)
            else {
                return RolloutReport(
                    outcome: .refused(["the nodes have changed since they were asked: ask again"]))
            }
            let operations = NodeOperations(
                transport: transport, clock: clock, context: context,
                timing: timing ?? RolloutTiming(plan.cluster))
            let confirmer = Confirmer(
                cluster: plan.cluster, operations: operations, events: events.on(cluster: plan.cluster.name))
            var report = RolloutReport(outcome: .nothingToDo)
            for change in fresh.changes {
                if interrupt.isRequested || lost.isRequested {
                    return RolloutReport(outcome: .interrupted)
                }
                report = await confirmer.confirm(change, acceptsProblems: acceptsProblems)
                guard report.outcome == .done else { break }
            }
            return report
        }
    }
}
