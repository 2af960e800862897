import Events
import Inventory
import Remote
import Synchronization

/// The nodes that do not answer a question, until all have been asked: what many of them have in common is said once.
final class SilentNodes: Sendable {
    private let state = Mutex(State())

    private struct State {
        /// Questions that have begun and not ended.
        var open = 0
        var errors: [RemoteError] = []
    }

    /// Takes an event of a question in.
    ///
    /// - Returns: whether it is kept for the end of the question.
    func keeps(_ event: RunEvent) -> Bool {
        state.withLock { state in
            guard state.open > 0, let error = event.error else { return false }
            state.errors.append(error)
            return true
        }
    }

    func questionBegins() { state.withLock { $0.open += 1 } }

    /// - Returns: who did not answer, when no other question is under way.
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
    /// Says what is wrong with the nodes.
    func error(_ errors: FoldedErrors) {
        error(errors.description(NodeRange.folded(errors.hosts)), hint: errors.hint)
    }

    /// Says what is wrong with each of the nodes, alike ones once.
    func report(_ errors: [RemoteError]) {
        for folded in FoldedErrors.fold(errors) { error(folded) }
    }
}
