/// `--timeout`: an interrupt that comes by the clock.
enum TimeLimit {
    private enum Ending<Value: Sendable>: Sendable {
        case ended(Result<Value, any Error>)
        case timeIsUp
        case notWaited
    }

    /// Runs `work` for as long as it may take. Then it is told to stop as by Ctrl-C: what only looks is cancelled, so
    /// that who has not answered is reported as unknown; what changes nodes finishes its step and begins no other.
    ///
    /// - Returns: how it ended, and whether it was cancelled before.
    static func bound<Value: Sendable>(
        _ limit: Duration?, _ console: Console, _ work: @escaping @Sendable () async throws -> Value
    ) async -> (result: Result<Value, any Error>, wasCut: Bool) {
        await withTaskGroup(of: Ending<Value>.self) { group in
            group.addTask {
                do { return .ended(.success(try await work())) } catch { return .ended(.failure(error)) }
            }
            if let limit {
                group.addTask { (try? await Task.sleep(for: limit)) == nil ? .notWaited : .timeIsUp }
            }
            var wasCut = false
            while let ending = await group.next() {
                switch ending {
                case .ended(let result):
                    group.cancelAll()
                    return (result, wasCut)
                case .timeIsUp:
                    wasCut = Interrupts.requestStop { group.cancelAll() }
                    console.error(
                        "the time of --timeout is up: "
                            + (wasCut ? "what has not answered is unknown" : "no further step is begun"))
                case .notWaited: continue
                }
            }
            return (.failure(CancellationError()), wasCut)
        }
    }
}
