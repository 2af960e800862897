import Events
import Inventory
import Remote
import Synchronization

/// Collects the nodes that do not answer a question until all have been asked, so that a common error is printed
/// once.
final class SilentNodes: Sendable {
    private let state = Mutex(State())

    private struct State {
        /// The number of questions under way.
        var open = 0
        var errors: [RemoteError] = []
    }

    /// Records an event of a question.
    ///
    /// - Returns: whether the event is reported at the end of the question.
    func keeps(_ event: RunEvent) -> Bool {
        state.withLock { state in
            guard state.open > 0, let error = event.error else { return false }
            state.errors.append(error)
            return true
        }
    }

    func questionBegins() { state.withLock { $0.open += 1 } }

    /// - Returns: the errors of the nodes that did not answer; empty while another question is under way.
    func questionEnds() -> [FoldedErrors] {
        state.withLock { state in
            state.open = max(0, state.open - 1)
            guard state.open == 0 else { return [] }
            defer { state.errors = [] }
            return FoldedErrors.fold(state.errors)
        }
    }
}

extension Console {
    /// Prints an error that several nodes have in common.
    func error(_ errors: FoldedErrors) {
        error(errors.description(NodeRange.folded(errors.hosts)), hint: errors.hint)
    }

    /// Prints errors of nodes, equal ones once.
    func report(_ errors: [RemoteError]) {
        for folded in FoldedErrors.fold(errors) { error(folded) }
    }
}
