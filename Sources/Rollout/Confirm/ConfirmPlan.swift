package import Facts
package import Inventory
package import Remote

/// A cluster's changes that wait for a person, and what stands against confirming them.
package struct ConfirmPlan: Sendable {
    package var cluster: Cluster
    /// What each node has pending.
    package var pending: [HostID: PendingWork]
    package var unreachable: [HostID: RemoteError]

    package init(cluster: Cluster, pending: [HostID: PendingWork], unreachable: [HostID: RemoteError]) {
        self.cluster = cluster
        self.pending = pending
        self.unreachable = unreachable
    }

    /// A change that waits, on all nodes that have it.
    package struct Change: Hashable, Sendable {
        package var run: String
        package var held: PendingWork.HeldChange
        package var nodes: [HostID]
        /// Seconds until the first node rolls back, by its own clock.
        package var secondsLeft: Int
    }

    /// The changes that wait, oldest first. A run refuses to change what waits, so there is one at most, unless somebody
    /// has worked on single nodes.
    package var changes: [Change] {
        var changes: [String: Change] = [:]
        for (node, work) in pending {
            guard let rollback = work.rollback, let held = rollback.held else { continue }
            var change =
                changes[rollback.run]
                ?? Change(run: rollback.run, held: held, nodes: [], secondsLeft: rollback.secondsLeft)
            change.nodes.append(node)
            change.secondsLeft = min(change.secondsLeft, rollback.secondsLeft)
            changes[rollback.run] = change
        }
        return changes.values.sorted { $0.run < $1.run }.map { change in
            var change = change
            change.nodes.sort()
            return change
        }
    }

    /// Why nothing can be confirmed now; empty when it can.
    package var obstacles: [String] {
        pending.sorted { $0.key < $1.key }.flatMap { node, work in
            var reasons: [String] = []
            if let lock = work.lock { reasons.append(Rollout.locked(node, by: lock)) }
            if let step = work.orphanedStep { reasons.append(Rollout.atWork(node, step)) }
            return reasons
        }
    }
}
