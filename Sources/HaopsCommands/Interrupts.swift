import Glibc
import Rollout
import Synchronization

/// What Ctrl-C and SIGTERM mean: the first asks to stop, the second ends the program at once.
package enum Interrupts {
    /// The wish to stop of a verb that must not be cut off in the middle of a change.
    fileprivate static let graceful = Mutex<Interrupt?>(nil)

    private static let stopPipe = privatePipe()
    /// A descriptor that is readable from the first wish to stop on: who waits for a person to type gives up.
    static var stopRequested: Int32 { stopPipe.readEnd }

    /// Runs `body`; the first interrupt cancels it, unless it is within ``gracefully(_:)``.
    package static func watched(_ body: @escaping @Sendable () async -> Void) async {
        let signals = SignalPipe()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await body()
                return true
            }
            group.addTask {
                await signals.next()
                return false
            }
            // The first to end decides: either the work is done, or it is told to stop and waited for.
            if await group.next() == false {
                if !requestStop(orElse: { group.cancelAll() }) {
                    say("stopping after this step; Ctrl-C again ends haops at once, whatever is half done")
                }
                _ = await group.next()
            } else {
                signals.stop()
            }
        }
    }

    /// Asks work that is within ``gracefully(_:)`` to stop before its next step, and ends other work by `cancel`.
    ///
    /// - Returns: whether it was cancelled.
    static func requestStop(orElse cancel: () -> Void) -> Bool {
        let interrupt = graceful.withLock { $0 }
        if let interrupt { interrupt.request() } else { cancel() }
        // Last, so that a question that ends for it is asked by work that knows why.
        writeByte(to: stopPipe.writeEnd)
        return interrupt == nil
    }

    /// Runs work that looks between its steps whether it should stop, instead of being cancelled.
    static func gracefully<Value: Sendable>(_ work: (Interrupt) async throws -> Value) async rethrows -> Value
    {
        let interrupt = Interrupt()
        graceful.withLock { $0 = interrupt }
        defer { graceful.withLock { $0 = nil } }
        return try await work(interrupt)
    }
}

/// Signals as bytes in a pipe: a handler may do little more than write one.
private struct SignalPipe: Sendable {
    /// Where the handler writes; set before the handler is, never changed after.
    nonisolated(unsafe) fileprivate static var writeEnd: Int32 = -1
    private let readEnd: Int32

    init() {
        let ends = privatePipe()
        readEnd = ends.readEnd
        unsafe Self.writeEnd = ends.writeEnd
        _ = signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            _ = signal(number) { _ in writeByte(to: unsafe SignalPipe.writeEnd) }
        }
    }

    /// Waits for the first signal; a later one ends the program.
    func next() async {
        let descriptor = readEnd
        await onOwnThread {
            var byte: UInt8 = 0
            _ = unsafe read(descriptor, &byte, 1)
            guard byte == 1 else { return }
            // On a thread of its own: whatever hangs, a second signal ends it.
            startThread {
                // Some shells and wrappers pass one Ctrl-C on twice.
                usleep(300_000)
                Self.letGo(inTheMiddle: Interrupts.graceful.withLock { $0 != nil })
            }
        }
    }

    /// From now on a signal ends the program, with a last word where nodes may be half changed.
    private static func letGo(inTheMiddle: Bool) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            guard inTheMiddle else {
                _ = signal(number, SIG_DFL)
                continue
            }
            _ = signal(number) { _ in
                say(
                    "ended in the middle: files under way go back by themselves, an override may stay; see haops status"
                )
                _exit(130)
            }
        }
    }

    func stop() { writeByte(0, to: unsafe Self.writeEnd) }
}

/// A pipe that no program which is started inherits.
private func privatePipe() -> (readEnd: Int32, writeEnd: Int32) {
    var ends: [Int32] = [-1, -1]
    _ = unsafe pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

/// Says something on standard error; a signal handler may do no more than this.
private func say(_ text: StaticString) {
    // Behind the `^C` that a terminal shows.
    if isatty(STDERR_FILENO) == 1 { _ = unsafe write(STDERR_FILENO, "\n", 1) }
    _ = unsafe write(STDERR_FILENO, "haops: ", 7)
    _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    _ = unsafe write(STDERR_FILENO, "\n", 1)
}

private func writeByte(_ byte: UInt8 = 1, to descriptor: Int32) {
    var byte = byte
    _ = unsafe write(descriptor, &byte, 1)
}
