import Glibc

/// The two streams: the answer on standard output, everything else on standard error.
struct Console: Sendable {
    var out: Style
    var err: Style
    var isQuiet: Bool
    var isVerbose: Bool
    /// Whether a live line per node may be drawn.
    var isInteractive: Bool
    /// Whether standard error stays empty, errors included.
    var isMute = false

    /// The same streams without progress and remarks.
    var silenced: Console {
        Console(out: out, err: err, isQuiet: true, isVerbose: false, isInteractive: false)
    }

    /// The answer alone, whatever happens.
    var muted: Console {
        var console = silenced
        console.isMute = true
        return console
    }

    /// Writes a part of the answer. A reader that went away (`| head`) ends the program quietly, as it should.
    func answer(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Progress and remarks; silent under `-q`.
    func note(_ text: String) {
        if !isQuiet { write(text + "\n", to: STDERR_FILENO) }
    }

    /// Shown under `-v` only.
    func detail(_ text: String) {
        if isVerbose { write(err(.faint, text.safeForTerminal) + "\n", to: STDERR_FILENO) }
    }

    func error(_ message: String, hint: String? = nil) {
        write(err(.bad, "error:") + " " + message.safeForTerminal + "\n", to: STDERR_FILENO)
        if let hint { write(err(.strong, "hint:") + " " + hint.safeForTerminal + "\n", to: STDERR_FILENO) }
    }

    func warning(_ message: String, hint: String? = nil) {
        guard !isQuiet else { return }
        write(err(.warning, "warning:") + " " + message.safeForTerminal + "\n", to: STDERR_FILENO)
        if let hint { write(err(.strong, "hint:") + " " + hint.safeForTerminal + "\n", to: STDERR_FILENO) }
    }

    /// Replaces the live line; an empty text removes it.
    func live(_ text: String) {
        write("\r\u{1b}[K" + err(.faint, text.safeOnOneLine), to: STDERR_FILENO)
    }

    /// A line on standard error that is safe already.
    func stderrLine(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    private func write(_ text: String, to descriptor: Int32) {
        if isMute, descriptor == STDERR_FILENO { return }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                exit(errno == EPIPE ? 0 : HaopsExit.failed.rawValue)
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
