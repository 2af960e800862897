import Glibc
import Rollout
import Synchronization

/// Handles Ctrl-C and SIGTERM: the first one requests a stop, the second one ends the program at once.
package enum Interrupts {
    /// The stop request for a verb that must not be cancelled in the middle of a change; `nil` outside
    /// ``gracefully(_:)``.
    fileprivate static let graceful = Mutex<Interrupt?>(nil)

    private static let isSignalled = Atomic<Bool>(false)
    /// Whether a signal has cancelled the current work. Open questions are then abandoned, and nothing is
    /// concluded from missing answers. `--timeout` does not set this.
    static var endsQuestions: Bool { isSignalled.load(ordering: .acquiring) && Task.isCancelled }

    private static let stopPipe = privatePipe()
    /// A descriptor that becomes readable at the first stop request, so that prompts stop waiting for input.
    static var stopRequested: Int32 { stopPipe.readEnd }

    /// How long a verb may take to print what it knows after Ctrl-C, before the program ends without its answer.
    private static let patience = Duration.seconds(1)
    /// The same after `--timeout`, whose partial answer is wanted.
    static let patienceOfTheClock = Duration.seconds(3)

    /// Runs `body`; the first interrupt cancels it, unless it is within ``gracefully(_:)``.
    ///
    /// A thread of their own handles signals, because computations may occupy all other threads.
    package static func watched(_ body: @escaping @Sendable () async -> Void) async {
        let signals = SignalPipe()
        let task = Task { await body() }
        signals.onFirst {
            isSignalled.store(true, ordering: .releasing)
            if requestStop(orElse: { task.cancel() }) {
                endUnlessAnswered(within: patience) { endedEarly(.interrupted) }
            } else {
                // Printed above the progress lines, where it stays. The terminal has echoed `^C` already.
                LiveLines.shared.put(
                    (isatty(STDERR_FILENO) == 1 ? "\n" : "")
                        + "haops: stopping after this step; Ctrl-C again ends haops at once, whatever is half done\n",
                    to: STDERR_FILENO)
            }
        }
        await task.value
        signals.stop()
    }

    /// Ends the program when cancelled work does not end within a time limit because of a long computation.
    ///
    /// Ends only a program that ``watched(_:)`` runs, and not one that is printing its answer: that one waits for
    /// its reader.
    ///
    /// - `lastWord`: prints the final message and returns the program's exit code.
    /// - Returns: the alarm, which the caller stops once the work has ended.
    @discardableResult
    static func endUnlessAnswered(
        within patience: Duration, _ lastWord: @escaping @Sendable () -> Int32
    ) -> Alarm? {
        guard SignalPipe.isInstalled else { return nil }
        return Alarm(after: patience) {
            guard !OutputQueue.shared.hasAnswered else { return }
            _exit(lastWord())
        }
    }

    /// Prints why the program ends without an answer, and returns the exit code.
    static func endedEarly(_ exit: HaopsExit) -> Int32 {
        say("ended without an answer, which was still being worked out")
        return exit.rawValue
    }

    /// Asks work that is within ``gracefully(_:)`` to stop before its next step, and ends other work by `cancel`.
    ///
    /// - Returns: whether it was cancelled.
    static func requestStop(orElse cancel: () -> Void) -> Bool {
        let interrupt = graceful.withLock { $0 }
        if let interrupt { interrupt.request() } else { cancel() }
        // Written last: a prompt that ends because of this byte then finds the stop request already set.
        writeByte(to: stopPipe.writeEnd)
        return interrupt == nil
    }

    /// Runs work that is not cancelled by a signal, but checks between its steps whether to stop.
    static func gracefully<Value: Sendable>(_ work: (Interrupt) async throws -> Value) async rethrows -> Value
    {
        let interrupt = Interrupt()
        graceful.withLock { $0 = interrupt }
        defer { graceful.withLock { $0 = nil } }
        return try await work(interrupt)
    }
}

/// Passes signals through a pipe, one byte each: a signal handler may do little more than write one.
private struct SignalPipe: Sendable {
    /// Where the handler writes; set before the handler is, never changed after.
    nonisolated(unsafe) fileprivate static var writeEnd: Int32 = -1
    private let readEnd: Int32
    /// The signals that request a stop. SIGHUP is excluded when it was ignored at the start, as under nohup(1).
    private let signals: [Int32]

    static var isInstalled: Bool { unsafe writeEnd >= 0 }

    init() {
        let ends = privatePipe()
        readEnd = ends.readEnd
        unsafe Self.writeEnd = ends.writeEnd
        // A closed reader is detected by the failing write instead. Child processes get the default action back.
        _ = signal(SIGPIPE, SIG_IGN)
        let ignored = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
        let isDetached = unsafe unsafeBitCast(signal(SIGHUP, SIG_IGN), to: Int.self) == ignored
        signals = [SIGINT, SIGTERM] + (isDetached ? [] : [SIGHUP])
        for number in signals {
            _ = signal(number) { _ in writeByte(to: unsafe SignalPipe.writeEnd) }
        }
    }

    /// Runs `act` on a thread of its own at the first signal. A later signal ends the program.
    func onFirst(_ act: @escaping @Sendable () -> Void) {
        let descriptor = readEnd
        let signals = signals
        startThread {
            var byte: UInt8 = 0
            _ = unsafe read(descriptor, &byte, 1)
            guard byte == 1 else { return }
            // On a thread of its own, so that a second signal ends the program even when `act` hangs.
            startThread {
                // Some shells and wrappers pass one Ctrl-C on twice.
                usleep(300_000)
                Self.letGo(signals, inTheMiddle: Interrupts.graceful.withLock { $0 != nil })
            }
            act()
        }
    }

    /// From now on a signal ends the program, with a warning when nodes may be half changed.
    private static func letGo(_ signals: [Int32], inTheMiddle: Bool) {
        for number in signals {
            guard inTheMiddle else {
                _ = signal(number, SIG_DFL)
                continue
            }
            // A closing terminal sends SIGHUP more than once: from the kernel, then from the shell. The second
            // one is not a request of the operator.
            guard number != SIGHUP else {
                _ = signal(number, SIG_IGN)
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

/// A pipe that child processes do not inherit.
func privatePipe() -> (readEnd: Int32, writeEnd: Int32) {
    var ends: [Int32] = [-1, -1]
    _ = unsafe pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

/// Writes to standard error with calls that are safe in a signal handler.
private func say(_ text: StaticString) {
    // On a new line after the `^C` that the terminal echoes.
    if isatty(STDERR_FILENO) == 1 { _ = unsafe write(STDERR_FILENO, "\n", 1) }
    _ = unsafe write(STDERR_FILENO, "haops: ", 7)
    _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    _ = unsafe write(STDERR_FILENO, "\n", 1)
}

private func writeByte(_ byte: UInt8 = 1, to descriptor: Int32) {
    var byte = byte
    _ = unsafe write(descriptor, &byte, 1)
}
