package import Remote

/// What the engine is told to do, and what it says of the end of that.
extension RolloutState {
    package enum Action: Hashable, Sendable {
        /// Copy the new files to every node, beside the current ones.
        case stage([HostID])
        case install([HostID])
        /// Test the staged files with every node's own daemons.
        case validate([HostID])
        /// Observe the whole cluster.
        case look
        /// Hand the instances of one node over to others while the owner still serves.
        case handOver(HostID, [Move])
        /// Back up the current files, schedule the rollback, replace the files, load them.
        case change(HostID)
        /// The connection was lost in ``change(_:)``: connect again and read how the change ended.
        case reread(HostID)
        /// Over a new connection, wait until the cluster is healthy with this node changed.
        case verify(HostID)
        /// As above, for nodes that would reject each other's adverts if one were changed before the other.
        case changeTogether([HostID])
        case verifyTogether([HostID])
        case restoreTogether([HostID])
        /// Postpone the scheduled rollbacks of changed nodes, given in the order of their change.
        case extend([HostID])
        /// Before the end of an incomplete run: wait until the cluster is healthy.
        case verifyAll
        /// The whole cluster has passed: cancel the rollbacks of all changed nodes.
        case confirm([HostID])
        /// The whole cluster has passed: keep the rollbacks of all changed nodes scheduled until a person confirms the
        /// change. They are given in the order of their change.
        case hold([HostID])
        /// Undo ``handOver(_:_:)`` and wait until the addresses are back. ``Event/failedHalfway(_:)`` means that the
        /// node owns nothing and that other nodes serve all its addresses.
        case giveBack(HostID, [Move])
        case restore(HostID)
        /// The node cannot be reached: wait until its scheduled rollback has happened.
        case awaitRevert(HostID)
        /// Verify the cluster after a node was rolled back.
        case verifyRestored(HostID)
        case clean
        case stop(RolloutOutcome)
    }

    package struct Move: Hashable, Sendable {
        package var instance: String
        package var to: HostID

        package init(instance: String, to: HostID) {
            self.instance = instance
            self.to = to
        }
    }

    package indirect enum Event: Sendable {
        /// The action of the same name succeeded.
        case succeeded
        case saw(ClusterView)
        /// The action failed and left no lasting change.
        case failed([String])
        /// ``Action/change(_:)`` failed after it had begun; the rollback is scheduled.
        case failedHalfway([String])
        case unreachable([RemoteError])
        case unknown(RemoteError)
        /// The result of each node of a group.
        case each([HostID: Event])
    }
}
