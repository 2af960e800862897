import Events
import Glibc
import Synchronization

/// The progress lines at the bottom of a terminal. A thread of their own draws them in one write and erases them
/// before any other output.
///
/// Without a terminal nobody calls ``follow(_:style:)``, and all output passes through unchanged.
final class LiveLines: Sendable {
    static let shared = LiveLines(size: LiveLines.size, put: OutputQueue.shared.put)

    /// The delay before the first drawing, so that short work does not flicker.
    private static let pause = Duration.milliseconds(200)

    private struct State {
        var progress = Progress()
        var style = Style(isColored: false, width: nil)
        /// The lines on the terminal now; the cursor is below them.
        var drawn: [String] = []
        /// How many reasons there are not to draw: a person is typing, or the last output does not end with a
        /// newline.
        var pauses = 0
        var isMidLine = false
        var isTicking = false
    }

    private let state = Mutex(State())
    private let size: @Sendable () -> (width: Int, height: Int)
    private let output: @Sendable (String, Int32) -> Void

    /// - `size`: columns and lines of the terminal, asked for at each drawing.
    /// - `put`: writes without waiting.
    init(
        size: @escaping @Sendable () -> (width: Int, height: Int),
        put: @escaping @Sendable (String, Int32) -> Void
    ) {
        self.size = size
        self.output = put
    }

    /// Writes a text above the lines.
    func put(_ text: String, to descriptor: Int32) {
        state.withLock { state in
            guard !text.isEmpty else { return }
            let wasDrawn = !state.drawn.isEmpty
            let erasure = erasure(&state)
            state.isMidLine = !text.hasSuffix("\n")
            let lines = wasDrawn ? drawing(&state) : ""
            if descriptor == STDERR_FILENO {
                output(erasure + text + lines, descriptor)
            } else {
                if !erasure.isEmpty { output(erasure, STDERR_FILENO) }
                output(text, descriptor)
                if !lines.isEmpty { output(lines, STDERR_FILENO) }
            }
        }
    }

    /// Records an event and redraws the lines until no work is under way.
    func follow(_ event: RunEvent, style: Style) {
        let begins = state.withLock { state in
            state.style = style
            state.progress.follow(event, at: .now)
            guard !state.progress.isEmpty, !state.isTicking else { return false }
            state.isTicking = true
            return true
        }
        if begins { startThread { self.drawAgainAndAgain() } }
    }

    /// Hides the lines until ``resume()``, while the operator is asked something.
    func pause() {
        clear()
        state.withLock { $0.pauses += 1 }
    }

    func resume() { state.withLock { $0.pauses -= 1 } }

    /// Erases the lines. They are drawn again while work is under way.
    func clear() {
        state.withLock { state in
            let erasure = erasure(&state)
            if !erasure.isEmpty { output(erasure, STDERR_FILENO) }
        }
    }

    private func drawAgainAndAgain() {
        repeat { usleep(UInt32(Self.pause.milliseconds * 1000)) } while draw()
    }

    /// - Returns: whether any work is still under way.
    func draw() -> Bool {
        state.withLock { state in
            let text = drawing(&state)
            if !text.isEmpty { output(text, STDERR_FILENO) }
            if state.progress.isEmpty { state.isTicking = false }
            return state.isTicking
        }
    }

    /// The text that updates the lines on the terminal. Each line is cleared after its text and not before, so
    /// that unchanged text does not blink.
    private func drawing(_ state: inout State) -> String {
        guard state.pauses == 0, !state.isMidLine else { return "" }
        let (width, height) = size()
        let lines = state.progress.lines(at: .now, width: width, height: height)
        guard lines != state.drawn else { return "" }
        var text = up(state.drawn.count)
        for line in lines { text += state.style(.faint, line) + "\u{1b}[K\n" }
        if lines.count < state.drawn.count { text += "\u{1b}[J" }
        state.drawn = lines
        return text
    }

    private func erasure(_ state: inout State) -> String {
        guard !state.drawn.isEmpty else { return "" }
        defer { state.drawn = [] }
        return up(state.drawn.count) + "\u{1b}[J"
    }

    /// Moves the cursor up `count` lines, to the first column.
    private func up(_ count: Int) -> String { count == 0 ? "" : "\r\u{1b}[\(count)A" }

    /// The size of standard error's terminal. One that does not report its size is assumed to be small.
    @Sendable private static func size() -> (width: Int, height: Int) {
        var size = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
