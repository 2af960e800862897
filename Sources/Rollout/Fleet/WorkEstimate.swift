import Inventory

/// A rough duration of a plan: the waiting times of its gates, and a little for each step.
///
/// The actual run can be faster, when every node hears its peers at once, or slower, with slow machines.
package struct WorkEstimate: Hashable, Sendable {
    package var duration: Duration
    /// Whether packages are installed too. That time depends on the nodes' package sources and is not included.
    package var hasInstalls: Bool

    /// One script on a node, its login included.
    private static let step = Duration.milliseconds(500)
    /// A daemon's restart.
    private static let restart = Duration.seconds(1)

    package init(_ plan: ClusterPlan) {
        let changed = plan.nodes.filter { !$0.isEmpty }
        hasInstalls = changed.contains { !$0.packages.isEmpty }
        guard !plan.isEmpty else {
            duration = .zero
            return
        }
        let timing = RolloutTiming(plan.cluster)
        let quiet = RolloutTiming.quiet(plan.cluster) + timing.poll
        func gate(_ nodes: [NodePlan]) -> Duration {
            let work = nodes.map { Disturbance(keepalived: $0.keepalived, haproxy: $0.haproxy) }
            let elected = work.contains(where: \.listensAnew) ? timing.elected : .zero
            let starts = work.contains { $0.keepalived >= .restart || $0.haproxy >= .restart }
            return max(quiet, elected, timing.checked(work)) + (starts ? Self.restart : .zero)
        }
        // Lock, plan again, stage, validate and observe before; confirm and clean up after.
        duration = Self.step * 7
        let together = Set(plan.together)
        if !together.isEmpty {
            duration += Self.step + gate(changed.filter { together.contains($0.node.id) })
        }
        for node in changed where !together.contains(node.node.id) {
            // Change it, and postpone the rollbacks of the nodes before it.
            duration += Self.step * 2 + gate([node])
            let handsOver = plan.moves.contains { $0.from == node.node.id && $0.means == .handover }
            // Addresses move away and back.
            if handsOver { duration += (timing.masterDown + quiet + Self.step) * 2 + timing.preemptDelay }
        }
    }

    /// What the estimate consists of, for the operator.
    package static let basis =
        "the master-down times, checks and quiet times that the gate behind each node waits for, and half a second for each step"
}
