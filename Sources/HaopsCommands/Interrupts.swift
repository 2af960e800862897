import Glibc
import Rollout
import Synchronization

/// What Ctrl-C and SIGTERM mean: the first asks to stop, the second ends the program at once.
package enum Interrupts {
    /// The wish to stop of a verb that must not be cut off in the middle of a change.
    fileprivate static let graceful = Mutex<Interrupt?>(nil)

    private static let isSignalled = Atomic<Bool>(false)
    /// Whether somebody has told the program to end and the work under way was cancelled for it: what is not answered by
    /// then is not waited for, and nothing is concluded from it. The end of `--timeout` is no such wish.
    static var endsQuestions: Bool { isSignalled.load(ordering: .acquiring) && Task.isCancelled }

    private static let stopPipe = privatePipe()
    /// A descriptor that is readable from the first wish to stop on: who waits for a person to type gives up.
    static var stopRequested: Int32 { stopPipe.readEnd }

    /// How long a verb that was told to stop may take to say what it knows before the program ends without it: by a
    /// person, who has seen enough, and by the clock, whose partial answer is wanted.
    private static let patience = Duration.seconds(1)
    static let patienceOfTheClock = Duration.seconds(3)

    /// Runs `body`; the first interrupt cancels it, unless it is within ``gracefully(_:)``.
    ///
    /// Signals are waited for, and answered, on a thread of their own: what computes has all the others.
    package static func watched(_ body: @escaping @Sendable () async -> Void) async {
        let signals = SignalPipe()
        let task = Task { await body() }
        signals.onFirst {
            isSignalled.store(true, ordering: .releasing)
            if requestStop(orElse: { task.cancel() }) {
                endUnlessAnswered(within: patience) { endedEarly(.interrupted) }
            } else {
                // Above what is drawn, where it stays. A terminal has shown `^C`.
                LiveLines.shared.put(
                    (isatty(STDERR_FILENO) == 1 ? "\n" : "")
                        + "haops: stopping after this step; Ctrl-C again ends haops at once, whatever is half done\n",
                    to: STDERR_FILENO)
            }
        }
        await task.value
        signals.stop()
    }

    /// Ends the program when work that was cancelled does not come to an end, because a computation does not.
    ///
    /// Only a program that ``watched(_:)`` runs is ended, and none that is saying its answer: that waits for its reader.
    ///
    /// - `lastWord`: says what is to be said, and which code the program ends with.
    /// - Returns: to be stopped once the work has ended.
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

    /// Says why the program ends without an answer.
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
    /// The signals that ask to stop. SIGHUP is none when it was ignored at the start, as nohup(1) has it.
    private let signals: [Int32]

    static var isInstalled: Bool { unsafe writeEnd >= 0 }

    init() {
        let ends = privatePipe()
        readEnd = ends.readEnd
        unsafe Self.writeEnd = ends.writeEnd
        // A reader that went away is seen by the write. Programs that are started get the default back.
        _ = signal(SIGPIPE, SIG_IGN)
        let ignored = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
        let isDetached = unsafe unsafeBitCast(signal(SIGHUP, SIG_IGN), to: Int.self) == ignored
        signals = [SIGINT, SIGTERM] + (isDetached ? [] : [SIGHUP])
        for number in signals {
            _ = signal(number) { _ in writeByte(to: unsafe SignalPipe.writeEnd) }
        }
    }

    /// Does something on a thread of its own at the first signal; a later one ends the program.
    func onFirst(_ act: @escaping @Sendable () -> Void) {
        let descriptor = readEnd
        let signals = signals
        startThread {
            var byte: UInt8 = 0
            _ = unsafe read(descriptor, &byte, 1)
            guard byte == 1 else { return }
            // On a thread of its own: whatever hangs, a second signal ends it.
            startThread {
                // Some shells and wrappers pass one Ctrl-C on twice.
                usleep(300_000)
                Self.letGo(signals, inTheMiddle: Interrupts.graceful.withLock { $0 != nil })
            }
            act()
        }
    }

    /// From now on a signal ends the program, with a last word where nodes may be half changed.
    private static func letGo(_ signals: [Int32], inTheMiddle: Bool) {
        for number in signals {
            guard inTheMiddle else {
                _ = signal(number, SIG_DFL)
                continue
            }
            // A terminal that goes away says so more than once: the kernel does, and then the shell. Nobody insists.
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

/// A pipe that no program which is started inherits.
func privatePipe() -> (readEnd: Int32, writeEnd: Int32) {
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
