internal import Synchronization

/// Limits how many tasks run at once, first come, first served.
///
/// With one permit, it makes an actor's operation exclusive across its awaits.
package final class AsyncSemaphore: Sendable {
    private let state: Mutex<State>

    private struct State {
        var permits: Int
        var lastTicket = 0
        /// First come, first served.
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    package init(permits: Int = 1) { state = Mutex(State(permits: permits)) }

    /// How many tasks wait for a permit.
    package var waiting: Int { state.withLock { $0.waiting.count } }

    /// Takes a permit without waiting; `false` when none is free. Each `true` needs a ``leave()``.
    package func tryEnter() -> Bool {
        state.withLock { state in
            guard state.permits > 0 else { return false }
            state.permits -= 1
            return true
        }
    }

    /// Runs `body` once a permit is free.
    ///
    /// - Throws: `CancellationError` when cancelled while waiting; whatever `body` throws.
    package func pass<Value>(_ body: () async throws -> Value) async throws -> Value {
        guard await enter() else { throw CancellationError() }
        defer { leave() }
        return try await body()
    }

    /// Waits for a permit; `false` when cancelled before one came. Each `true` needs a ``leave()``.
    package func enter() async -> Bool {
        let ticket = state.withLock { state -> Int? in
            if state.permits > 0 {
                state.permits -= 1
                return nil
            }
            state.lastTicket += 1
            return state.lastTicket
        }
        guard let ticket else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Bool? in
                    // As in `Watch`: the task's flag is set before the handler runs, so either this check or the
                    // handler sees the cancellation.
                    if Task.isCancelled { return false }
                    if state.permits > 0 {
                        state.permits -= 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let cancelled = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.waiting.remove(at: index).continuation
            }
            cancelled?.resume(returning: false)
        }
    }

    package func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.permits += 1
                return nil
            }
            // The permit goes directly to the first waiter, so that a later task cannot overtake it.
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
