import Synchronization

/// Implements `--timeout`: an interrupt after a given time.
enum TimeLimit {
    /// Runs `work` with a time limit. At the limit it is stopped as by Ctrl-C: work that only reads is cancelled,
    /// and unanswered nodes are reported as unknown; work that changes nodes finishes its step and begins no
    /// other.
    ///
    /// A thread of its own watches the clock, so that a computation cannot delay the deadline.
    ///
    /// - `lastWord`: prints a message and returns the exit code when a long computation keeps cancelled work from
    ///   ending.
    /// - Returns: the result, and whether the time limit cancelled the work.
    static func bound<Value: Sendable>(
        _ limit: Duration?, _ console: Console,
        lastWord: @escaping @Sendable () -> Int32 = { Interrupts.endedEarly(.unreachable) },
        _ work: @escaping @Sendable () async throws -> Value
    ) async -> (result: Result<Value, any Error>, wasCut: Bool) {
        let task = Task { try await work() }
        let state = Cut()
        let alarm = limit.map { limit in
            Alarm(after: limit) {
                func say(_ what: String) { console.error("the time of --timeout is up: \(what)") }
                let wasCut = Interrupts.requestStop {
                    // Printed first, because the cancelled work may end the program at once.
                    say("what has not answered is unknown")
                    state.begin(
                        Interrupts.endUnlessAnswered(within: Interrupts.patienceOfTheClock, lastWord))
                    task.cancel()
                }
                if !wasCut { say("no further step is begun") }
            }
        }
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        alarm?.stop()
        return (result, state.end())
    }

    /// Whether the time limit cancelled the work, and the alarm that ends the program then.
    private final class Cut: Sendable {
        private let state = Mutex<(wasCut: Bool, hasEnded: Bool, alarm: Alarm?)>((false, false, nil))

        func begin(_ alarm: Alarm?) {
            let isLate = state.withLock { state in
                state.wasCut = true
                state.alarm = alarm
                return state.hasEnded
            }
            if isLate { alarm?.stop() }
        }

        func end() -> Bool {
            let (wasCut, alarm) = state.withLock { state in
                state.hasEnded = true
                return (state.wasCut, state.alarm)
            }
            alarm?.stop()
            return wasCut
        }
    }
}
