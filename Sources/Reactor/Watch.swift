internal import Glibc
internal import Synchronization

/// Lets one task wait for the readiness of any number of descriptors, a deadline, or its own cancellation.
///
/// Readiness is latched: an edge that arrives while nobody waits is kept. So it is safe to try a call first and
/// wait only after `EAGAIN`: an edge in between ends the wait at once. A wait may end spuriously; the caller then
/// repeats its call and waits again.
///
/// One task at a time may wait. The caller owns the descriptors, and must ``remove(_:)`` them before closing
/// them.
package final class Watch: Sendable {
    private let reactor: Reactor
    /// The identity in the epoll data. It is never reused, so a stale event cannot reach a later watch with the
    /// same descriptor number.
    let id: UInt64
    private let state = Mutex(State())

    private struct State {
        var ready: Readiness = []
        var waiter: Waiter?
        var closed = false

        /// Removes and returns the waiter, if its interest is ready now.
        mutating func takeSatisfied() -> (Waiter, Readiness)? {
            guard let waiter else { return nil }
            let met = ready.intersection(waiter.interest)
            guard !met.isEmpty else { return nil }
            ready.subtract(met)
            self.waiter = nil
            return (waiter, met)
        }
    }

    private struct Waiter {
        let continuation: CheckedContinuation<Result<Readiness, WaitError>, Never>
        let interest: Readiness
        let deadline: ContinuousClock.Instant
    }

    init(reactor: Reactor, id: UInt64) {
        self.reactor = reactor
        self.id = id
    }

    /// Registers `descriptor`, whose edges then end waits on this watch.
    ///
    /// - Throws: ``ReactorError`` with the code of `epoll_ctl`.
    package func add(_ descriptor: CInt) throws(ReactorError) {
        try reactor.add(descriptor, to: self)
    }

    /// Unregisters `descriptor`, which must still be open.
    package func remove(_ descriptor: CInt) {
        reactor.remove(descriptor)
    }

    /// Ends the present wait, or the next one, from any thread.
    package func raise() { mark(.both) }

    /// Waits until one of `interest` is ready. The returned readiness is removed from the latch.
    ///
    /// - Throws: ``WaitError``.
    package func wait(
        for interest: Readiness, until deadline: ContinuousClock.Instant
    ) async throws(WaitError) -> Readiness {
        // Fast path without continuation, handler and allocation.
        let latched = state.withLock { state -> Readiness in
            let met = state.closed ? [] : state.ready.intersection(interest)
            state.ready.subtract(met)
            return met
        }
        if !latched.isEmpty, !Task.isCancelled { return latched }
        return try await suspend(for: interest, until: deadline).get()
    }

    private func suspend(
        for interest: Readiness, until deadline: ContinuousClock.Instant
    ) async -> Result<Readiness, WaitError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Result<Readiness, WaitError>? in
                    if state.closed { return .failure(.closed) }
                    // The cancellation handler may have run already and found no waiter. The task's flag is set
                    // before its handlers run, so checking it under the lock misses no cancellation: either the
                    // flag is set here, or the handler runs later and finds the waiter.
                    if Task.isCancelled { return .failure(.cancelled) }
                    let met = state.ready.intersection(interest)
                    if !met.isEmpty {
                        state.ready.subtract(met)
                        return .success(met)
                    }
                    precondition(state.waiter == nil, "two tasks wait on one watch")
                    state.waiter = Waiter(continuation: continuation, interest: interest, deadline: deadline)
                    return nil
                }
                if let outcome {
                    continuation.resume(returning: outcome)
                } else {
                    // Must follow the storing of the waiter: a scan that misses the waiter then has not taken the
                    // reactor's lock yet, and will see the deadline.
                    reactor.expire(no: deadline)
                }
            }
        } onCancel: {
            finish(.cancelled)
        }
    }

    /// Ends the watch: the present wait and all later ones throw ``WaitError/closed``.
    package func close() {
        reactor.forget(self)
        end()
    }

    func end() {
        state.withLock { $0.closed = true }
        finish(.closed)
    }

    /// Records an edge and resumes the waiter that is interested in it.
    func mark(_ edge: Readiness) {
        let satisfied = state.withLock { state in
            state.ready.formUnion(edge)
            return state.takeSatisfied()
        }
        if let (waiter, met) = satisfied { waiter.continuation.resume(returning: .success(met)) }
    }

    /// Ends the wait if its deadline has expired; otherwise returns the deadline.
    func expire(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let (expired, pending) = state.withLock { state -> (Waiter?, ContinuousClock.Instant?) in
            guard let waiter = state.waiter else { return (nil, nil) }
            guard waiter.deadline <= now else { return (nil, waiter.deadline) }
            state.waiter = nil
            return (waiter, nil)
        }
        expired?.continuation.resume(returning: .failure(.deadline))
        return pending
    }

    private func finish(_ error: WaitError) {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.continuation.resume(returning: .failure(error))
    }
}
