import Synchronization

/// The operator's request to stop. The run reads it between steps and first finishes or rolls back the current node.
///
/// Cancelling the task instead would cut the connection in the middle of a change.
package final class Interrupt: Sendable {
    private let wanted = Atomic<Bool>(false)

    package init() {}

    package func request() { wanted.store(true, ordering: .releasing) }

    package var isRequested: Bool { wanted.load(ordering: .acquiring) }
}
