internal import Glibc
internal import Reactor
internal import Synchronization

/// Runs work that may block on a thread of its own, so that it blocks no thread of the cooperative pool.
///
/// The caller stops waiting at the deadline or when it is cancelled; the thread then ends by itself, and its
/// result is dropped. There are as many threads as waiting callers, which the login window limits.
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
        // No thread could be created: run the work here, which is slow but works.
        unsafe context.release()
        return work()
    }
    while true {
        if let value = job.result.withLock({ $0 }) { return value }
        _ = try await watch.wait(for: .both, until: deadline)
    }
}

/// A non-generic base class, which a C callback can refer to.
private class AnyJob {
    func run() {}
}

private final class Job<Value: Sendable>: AnyJob, @unchecked Sendable {
    // Unchecked because the superclass is not Sendable; all stored properties are.
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
