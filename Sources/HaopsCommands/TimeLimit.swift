import Synchronization

/// `--timeout`: an interrupt that comes by the clock.
enum TimeLimit {
    /// Runs `work` for as long as it may take. Then it is told to stop as by Ctrl-C: what only looks is cancelled, so
    /// that who has not answered is reported as unknown; what changes nodes finishes its step and begins no other.
    ///
    /// The clock is watched by a thread of its own: a computation holds up no deadline.
    ///
    /// - `lastWord`: what is said, and the code of the program's end, when what was cancelled does not end for a computation.
    /// - Returns: how it ended, and whether it was cancelled before.
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
                    // Said first: what is cancelled may end the program at once.
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

    /// Whether work was cancelled for its time, and what ends the program then.
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
