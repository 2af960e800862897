/// Why work with a time limit did not complete.
enum TimedFailure: Error {
    case deadline
    case cancelled
    case failed(String)
}

/// Runs work, and cancels it at its time limit.
///
/// - `excused`: time spent so far that does not count for the limit.
func timed<Value: Sendable>(
    _ limit: Duration?, excused: @escaping @Sendable () -> Duration = { .zero },
    _ work: @escaping @Sendable () async throws -> Value
) async -> Result<Value, TimedFailure> {
    await withTaskGroup(of: Result<Value, TimedFailure>?.self) { group in
        group.addTask {
            do { return .success(try await work()) } catch {
                return .failure(Task.isCancelled ? .cancelled : .failed("\(error)"))
            }
        }
        if let limit {
            group.addTask {
                var given = Duration.zero
                try? await Task.sleep(for: limit)
                while !Task.isCancelled, excused() > given {
                    let more = excused() - given
                    given += more
                    try? await Task.sleep(for: more)
                }
                return Task.isCancelled ? nil : .failure(.deadline)
            }
        }
        var outcome: Result<Value, TimedFailure> = .failure(.cancelled)
        while let next = await group.next() {
            guard let next else { continue }
            outcome = next
            break
        }
        group.cancelAll()
        return outcome
    }
}
