import Glibc
import Synchronization

/// A terminal as a screen of its own, with keys as they are typed, until it is closed; then it is as it was before.
///
/// A thread of its own waits for keys and for the signals of the terminal: a new size, a stop (Ctrl-Z) and going on after it.
/// Ctrl-C and SIGTERM are ``Interrupts``' as everywhere; they end the work, and the work closes the session.
final class TerminalSession: Sendable {
    /// What a person does, the window's size first.
    let inputs: AsyncStream<TerminalInput>

    private let feed: AsyncStream<TerminalInput>.Continuation
    private let state: Mutex<State>
    private let pipe = privatePipe()

    private struct State {
        let saved: termios
        var isOpen = true
        /// Whether the screen is on the terminal: not while the program is stopped.
        var isShown = false
    }

    /// The write end of the open session's pipe; a signal handler may read it at any time.
    nonisolated(unsafe) private static var signalPipe: Int32 = -1
    private static let signals = [SIGWINCH, SIGTSTP]
    /// The terminal's settings before, for a crash.
    nonisolated(unsafe) private static var settings = termios()
    private static let crashes = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGSEGV]

    // The alternate screen, no cursor, no wrapping; and back.
    private static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"
    private static let leave = leaving.description
    private static let leaving: StaticString = "\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    /// Whether standard input and output are a terminal that can be used so.
    static var isPossible: Bool {
        isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
            && !["", "dumb"].contains(Environment["TERM"] ?? "")
    }

    /// Opens the screen; `nil` when the terminal refuses.
    init?() {
        var saved = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &saved) == 0 else { return nil }
        state = Mutex(State(saved: saved))
        (inputs, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1000))
        unsafe Self.settings = saved
        unsafe Self.signalPipe = pipe.writeEnd
        for number in Self.signals { _ = signal(number) { TerminalSession.note($0) } }
        for number in Self.crashes { _ = signal(number) { TerminalSession.crash($0) } }
        LiveLines.shared.pause()
        setUp()
        feed.yield(size)
        startThread { self.listen() }
    }

    /// Puts everything back. What was drawn is gone.
    func close() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        guard wasOpen else { return }
        restore()
        for number in Self.signals + Self.crashes { _ = signal(number, SIG_DFL) }
        LiveLines.shared.resume()
        feed.finish()
        // Its thread ends. The pipe stays: a signal handler may be at work.
        var end: UInt8 = 0
        _ = unsafe write(pipe.writeEnd, &end, 1)
    }

    /// Draws. A terminal that does not take it is not waited for: ``isReady`` is false meanwhile.
    func draw(_ update: String) {
        state.withLock { if $0.isShown { OutputQueue.shared.put(update, to: STDOUT_FILENO) } }
    }

    /// Whether the terminal has taken all that was drawn.
    var isReady: Bool { OutputQueue.shared.isIdle }

    // MARK: - The terminal's settings

    private func setUp() {
        state.withLock { state in
            var settings = state.saved
            // Keys at once, none shown; Ctrl-C and Ctrl-Z stay signals.
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
            settings.c_iflag &= ~tcflag_t(IXON)
            unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
            state.isShown = true
            OutputQueue.shared.put(Self.enter, to: STDOUT_FILENO)
        }
    }

    /// How long a terminal that takes nothing is waited for, in milliseconds.
    private static let patience = 500

    private func restore() {
        state.withLock { state in
            guard state.isShown else { return }
            state.isShown = false
            OutputQueue.shared.put(Self.leave, to: STDOUT_FILENO)
        }
        var waited = 0
        while !OutputQueue.shared.isIdle, waited < Self.patience {
            usleep(2_000)
            waited += 2
        }
        state.withLock { state in
            var settings = state.saved
            unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }
    }

    private var size: TerminalInput {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return .resized(width: 80, height: 24) }
        return .resized(width: Int(size.ws_col), height: Int(size.ws_row))
    }

    // MARK: - Signals

    private static func note(_ number: Int32) {
        var byte = UInt8(truncatingIfNeeded: number)
        let saved = errno
        _ = unsafe write(unsafe signalPipe, &byte, 1)
        errno = saved
    }

    /// A mistake of the program must not leave the terminal unusable. With calls that are safe in a signal handler.
    private static func crash(_ number: Int32) {
        _ = unsafe write(STDOUT_FILENO, leaving.utf8Start, leaving.utf8CodeUnitCount)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        _ = signal(number, SIG_DFL)
        raise(number)
    }

    private func listen() {
        var reader = KeyReader()
        while true {
            var waited = [STDIN_FILENO, pipe.readEnd].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            // An escape character that nothing follows for a moment is the key.
            let count = unsafe poll(&waited, 2, reader.isMidKey ? 50 : -1)
            if count < 0 {
                guard errno == EINTR else { return }
                continue
            }
            if count == 0 { for key in reader.flush() { feed.yield(.key(key)) } }
            if waited[1].revents != 0 {
                var byte: UInt8 = 0
                guard unsafe read(pipe.readEnd, &byte, 1) == 1, byte != 0 else { return }
                if Int32(byte) == SIGTSTP { stop() } else { feed.yield(size) }
            }
            if waited[0].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 256)
                let length = unsafe read(STDIN_FILENO, &bytes, bytes.count)
                // The terminal is gone; SIGHUP ends the work.
                guard length > 0 else { return }
                for key in reader.keys(of: bytes.prefix(length)) { feed.yield(.key(key)) }
            }
        }
    }

    /// Ctrl-Z: gives the terminal back, stops, and takes it again when somebody goes on with the program.
    private func stop() {
        restore()
        kill(getpid(), SIGSTOP)
        guard state.withLock({ $0.isOpen }) else { return }
        setUp()
        feed.yield(size)
        feed.yield(.resumed)
    }
}
