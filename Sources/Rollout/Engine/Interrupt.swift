import Synchronization

/// The operator's wish to stop, looked at between steps, so that the node under way is finished or put back.
///
/// A cancelled task would cut the connection in the middle of a change; this does not.
package final class Interrupt: Sendable {
    private let wanted = Atomic<Bool>(false)

    package init() {}

    package func request() { wanted.store(true, ordering: .releasing) }

    package var isRequested: Bool { wanted.load(ordering: .acquiring) }
}
