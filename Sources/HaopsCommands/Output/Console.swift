import Events
import Glibc
import Rendering

/// The two streams: the answer on standard output, everything else on standard error.
///
/// All output passes through here, and every control sequence except the colours of ``Style`` is escaped. This
/// protects the terminal even from a report that does not escape a node's text.
struct Console: Sendable {
    var out: Style
    var err: Style
    var isQuiet: Bool
    var isVerbose: Bool
    /// Whether a live line per node may be drawn.
    var isInteractive: Bool
    /// Where a descriptor's text goes.
    var sink: @Sendable (_ text: String, _ descriptor: Int32) -> Void = LiveLines.shared.put
    /// The receivers of the run's events besides the terminal, such as the file of `--events`. Each gets every event of
    /// the run, without the words that ``hiding(_:)`` and ``keepingOutOfEvents(_:namedInstead:)`` hide.
    var listeners: [any EventSink] = []
    var runNames = RunNames()
    /// The nodes that did not answer the current question.
    var silentNodes = SilentNodes()
    /// The steps of the plans that are carried out.
    var steps = StepNumbers()
    let waits = SaidOnce()
    var verb = ""

    /// What the work of this run emits its events through.
    var events: EventEmitter {
        EventEmitter(
            to: EventBroadcast([RunNarrator(console: self)] + listeners), names: runNames, verb: verb)
    }

    /// The same streams without progress and remarks.
    var silenced: Console {
        var console = self
        console.isQuiet = true
        console.isVerbose = false
        console.isInteractive = false
        return console
    }

    /// The same streams with nothing on standard error.
    var muted: Console {
        var console = silenced
        console.sink = { [sink] text, descriptor in
            if descriptor != STDERR_FILENO { sink(text, descriptor) }
        }
        return console
    }

    /// The same streams with secrets masked: a daemon that rejects a file quotes it, secrets included.
    func hiding(_ mask: SecretMask) -> Console {
        var console = self
        console.sink = { [sink] text, descriptor in sink(mask.shown(sentence: text), descriptor) }
        console.listeners = listeners.map { MappedEvents($0, rewording: { mask.shown(sentence: $0) }) }
        return console
    }

    /// The same streams, but the listeners get `namedInstead` in the place of `words`, which may contain a secret.
    func keepingOutOfEvents(_ words: String, namedInstead: String) -> Console {
        var console = self
        console.listeners = listeners.map {
            MappedEvents($0, rewording: { $0.replacing(words, with: namedInstead) })
        }
        return console
    }

    /// Writes a part of the answer. A closed reader (`| head`) is no error.
    func answer(_ text: String) { sink(text.safe(in: out), STDOUT_FILENO) }

    /// Progress and remarks; silent under `-q`.
    func note(_ text: String) {
        if !isQuiet { stderrLine(text) }
    }

    /// Shown under `-v` only.
    func detail(_ text: String) {
        if isVerbose { stderrLine(err(.faint, text.safeForTerminal)) }
    }

    func error(_ message: String, hint: String? = nil) {
        say(message, after: err(.bad, "error:"))
        if let hint { stderrLine(err(.strong, "hint:") + " " + hint.safeForTerminal) }
    }

    func warning(_ message: String, hint: String? = nil) {
        guard !isQuiet else { return }
        say(message, after: err(.warning, "warning:"))
        if let hint { stderrLine(err(.strong, "hint:") + " " + hint.safeForTerminal) }
    }

    /// A message, wrapped to the terminal. Hints are not: an operator would paste a wrapped command with its line break.
    private func say(_ message: String, after head: String) {
        let lines = message.safeForTerminal.split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        let first = Wrapped(lines[0], indent: 2, width: err.width).text(after: head + " ").dropLast()
        let rest = lines.dropFirst().flatMap { Wrapped($0, indent: 0, width: err.width).pieces(from: 0) }
        stderrLine(([String(first)] + rest).joined(separator: "\n"))
    }

    /// A line on standard error, also under `-q`.
    func stderrLine(_ text: String) { sink(text.safe(in: err) + "\n", STDERR_FILENO) }
}
