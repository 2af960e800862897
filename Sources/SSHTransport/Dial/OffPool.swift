internal import Glibc
internal import Reactor
internal import Synchronization

/// Runs work that may block on a thread of its own, so that no thread of the cooperative pool is held up.
///
/// The caller stops waiting at the deadline or when it is cancelled; the thread then ends by itself, and
/// what it found is dropped. Threads are as many as callers wait, which the window bounds.
///
/// - Throws: ``WaitError``.
func offPool<Value: Sendable>(
    _ reactor: Reactor, until deadline: ContinuousClock.Instant, _ work: @escaping @Sendable () -> Value
) async throws(WaitError) -> Value {
    let watch = reactor.makeWatch()
    defer { watch.close() }
    let job = Job(work: work, watch: watch)
    let context = unsafe Unmanaged<AnyJob>.passRetained(job)
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    unsafe pthread_attr_setstacksize(&attributes, 256 << 10)
    var thread = pthread_t()
    let code = unsafe pthread_create(
        &thread, &attributes,
        { argument in
            guard let argument = unsafe argument else { return nil }
            var everything = sigset_t()
            unsafe sigfillset(&everything)
            unsafe pthread_sigmask(SIG_SETMASK, &everything, nil)
            unsafe Unmanaged<AnyJob>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, context.toOpaque())
    if code != 0 {
        // No thread to be had: better slow than not at all.
        unsafe context.release()
        return work()
    }
    while true {
        if let value = job.result.withLock({ $0 }) { return value }
        _ = try await watch.wait(for: .both, until: deadline)
    }
}

/// What a C callback can name of a generic class.
private class AnyJob {
    func run() {}
}

private final class Job<Value: Sendable>: AnyJob, @unchecked Sendable {
    // Unchecked because the superclass is not Sendable; all that is stored is.
    let work: @Sendable () -> Value
    let watch: Watch
    let result = Mutex<Value?>(nil)

    init(work: @escaping @Sendable () -> Value, watch: Watch) {
        self.work = work
        self.watch = watch
    }

    override func run() {
        let value = work()
        result.withLock { $0 = value }
        watch.raise()
    }
}
