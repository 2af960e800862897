import Glibc

/// Runs blocking work on a thread of its own, so that no thread of the cooperative pool waits for a person.
func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: work()) }
    }
}

/// The same for work that cannot be cancelled: a cancelled task continues with the result of `abandoned`, and the
/// thread ends later by itself.
func onOwnThread<Value: Sendable>(
    abandoned: Value, _ work: @escaping @Sendable () -> Value
) async -> Value {
    let (answers, asked) = AsyncStream<Value>.makeStream()
    startThread {
        asked.yield(work())
        asked.finish()
    }
    return await answers.first { _ in true } ?? abandoned
}

/// Runs `work` on a new thread, or on this one when no thread can be created.
func startThread(_ work: @escaping @Sendable () -> Void) {
    let box = unsafe Unmanaged.passRetained(Work(run: work))
    var thread = pthread_t()
    let status = unsafe pthread_create(
        &thread, nil,
        { argument in
            if let argument = unsafe argument {
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
            }
            return nil
        }, unsafe box.toOpaque())
    if status == 0 {
        pthread_detach(thread)
    } else {
        unsafe box.release()
        work()
    }
}

private final class Work {
    let run: () -> Void
    init(run: @escaping () -> Void) { self.run = run }
}
