internal import CEpoll
internal import Glibc
internal import Synchronization

/// One epoll thread that resumes many waiting tasks, on readiness and at deadlines.
///
/// It only knows descriptors and deadlines. Descriptors are registered once, edge-triggered and for both
/// directions, so a connection needs one `epoll_ctl` instead of one per wait.
package final class Reactor: Sendable {
    private let epoll: CInt
    private let wakeup: CInt
    private let thread: Mutex<pthread_t?>
    private let state = Mutex(State())

    /// The identity of the wake-up descriptor in epoll data; watches count from one.
    private static let wakeupID: UInt64 = 0

    private struct State {
        var watches: [UInt64: Watch] = [:]
        var lastID = Reactor.wakeupID
        /// When the thread must next check for expired deadlines; `nil` when there are none. It may be too early,
        /// when a wait has ended by itself, but never too late.
        var nextScan: ContinuousClock.Instant?
        var stopped = false
    }

    /// Starts the thread.
    ///
    /// - Throws: ``ReactorError`` when there are no descriptors or threads left.
    package init() throws(ReactorError) {
        let epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw ReactorError(call: "epoll_create1", code: errno) }
        let wakeup = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC))
        guard wakeup >= 0 else {
            let code = errno
            _ = Glibc.close(epoll)
            throw ReactorError(call: "eventfd", code: code)
        }
        self.epoll = epoll
        self.wakeup = wakeup
        self.thread = Mutex(nil)
        var event = unsafe epoll_event(events: EPOLLIN.rawValue, data: epoll_data(u64: Self.wakeupID))
        guard unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) == 0 else {
            let code = errno
            _ = Glibc.close(wakeup)
            _ = Glibc.close(epoll)
            throw ReactorError(call: "epoll_ctl", code: code)
        }
        try start()
    }

    private func start() throws(ReactorError) {
        var started = pthread_t()
        // The thread owns a reference until its loop has ended.
        let context = unsafe Unmanaged.passRetained(self)
        let code = unsafe pthread_create(
            &started, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Reactor>.fromOpaque(argument).takeRetainedValue().loop()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            _ = Glibc.close(wakeup)
            _ = Glibc.close(epoll)
            throw ReactorError(call: "pthread_create", code: code)
        }
        thread.withLock { $0 = started }
    }

    /// A watch without descriptors. The caller must call ``Watch/close()``.
    package func makeWatch() -> Watch {
        state.withLock { state in
            state.lastID += 1
            let watch = Watch(reactor: self, id: state.lastID)
            if state.stopped { watch.end() } else { state.watches[watch.id] = watch }
            return watch
        }
    }

    /// Ends all waits with ``WaitError/closed`` and joins the thread; later calls do nothing.
    package func shutdown() {
        let joined = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let joined else { return }
        let watches = state.withLock { state -> [Watch] in
            state.stopped = true
            defer { state.watches = [:] }
            return Array(state.watches.values)
        }
        wake()
        pthread_join(joined, nil)
        for watch in watches { watch.end() }
        _ = Glibc.close(wakeup)
        _ = Glibc.close(epoll)
    }

    // MARK: - For watches

    func add(_ descriptor: CInt, to watch: Watch) throws(ReactorError) {
        let edges = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | UInt32(1) << 31  // EPOLLET
        var event = unsafe epoll_event(events: edges, data: epoll_data(u64: watch.id))
        // Under the lock, so that no descriptor is added to an epoll instance that is being closed.
        let code = state.withLock { state -> CInt in
            if state.stopped { return EBADF }
            return unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno
        }
        guard code == 0 else { throw ReactorError(call: "epoll_ctl", code: code) }
    }

    func remove(_ descriptor: CInt) {
        state.withLock { state in
            guard !state.stopped else { return }
            var unused = unsafe epoll_event()
            _ = unsafe epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &unused)
        }
    }

    func forget(_ watch: Watch) {
        state.withLock { state in _ = state.watches.removeValue(forKey: watch.id) }
    }

    /// Makes the thread check for expired deadlines no later than `deadline`.
    func expire(no deadline: ContinuousClock.Instant) {
        let earlier = state.withLock { state -> Bool in
            if let next = state.nextScan, next <= deadline { return false }
            state.nextScan = deadline
            return !state.stopped
        }
        if earlier { wake() }
    }

    // MARK: - The thread

    private func wake() {
        _ = eventfd_write(wakeup, 1)
    }

    private func loop() {
        var everything = sigset_t()
        unsafe sigfillset(&everything)
        unsafe pthread_sigmask(SIG_SETMASK, &everything, nil)

        var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)
        while true {
            let count = unsafe epoll_wait(epoll, &events, CInt(events.count), timeout())
            for index in 0..<max(0, Int(count)) { unsafe dispatch(events[index]) }
            if state.withLock({ $0.stopped }) { return }
            scan()
        }
    }

    private func dispatch(_ event: epoll_event) {
        let id = unsafe event.data.u64
        let happened = unsafe event.events
        if id == Self.wakeupID {
            var count: eventfd_t = 0
            _ = unsafe eventfd_read(wakeup, &count)
            return
        }
        var edge: Readiness = []
        if happened & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { edge.insert(.readable) }
        if happened & EPOLLOUT.rawValue != 0 { edge.insert(.writable) }
        // The next call on the descriptor reports the error.
        if happened & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { edge = .both }
        // A watch that was closed after epoll_wait returned is not found, and the event is dropped.
        state.withLock { $0.watches[id] }?.mark(edge)
    }

    /// Milliseconds until the next scan, rounded up, so that the deadline has expired by then.
    private func timeout() -> CInt {
        guard let next = state.withLock({ $0.nextScan }) else { return -1 }
        let left = ContinuousClock.now.duration(to: next).components
        if left.seconds < 0 || left.attoseconds < 0 { return 0 }
        if left.seconds > 3600 { return 3_600_000 }
        return CInt(left.seconds) * 1000 + CInt(left.attoseconds / 1_000_000_000_000_000) + 1
    }

    /// Ends the waits whose deadline has expired.
    ///
    /// It checks every watch, but only when the earliest known deadline has passed. A few hundred connections
    /// take microseconds, so no heap is needed.
    private func scan() {
        let now = ContinuousClock.now
        let due = state.withLock { state -> [Watch] in
            guard let next = state.nextScan, next <= now else { return [] }
            state.nextScan = nil
            return Array(state.watches.values)
        }
        // A wait that begins during the scan announces its own deadline, so scanning without the lock loses none.
        for watch in due {
            if let later = watch.expire(at: now) { expire(no: later) }
        }
    }
}
