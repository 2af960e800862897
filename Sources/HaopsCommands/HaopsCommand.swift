import ArgumentParser
import Events
import Glibc
import Inventory
import Remote
import Survey

/// A verb of the command line. It ends with one of the exit codes of ``HaopsExit``.
///
/// `run()` is shared: it prints a thrown error on standard error and maps it to an exit code.
protocol HaopsCommand: AsyncParsableCommand, Sendable {
    associatedtype Output: ConsoleOptions
    var output: Output { get }
    /// The time limit of the whole run; `nil` means none.
    var timeLimit: Duration? { get }
    /// The file of `--events`.
    var eventsPath: String? { get }
    /// Whether the verb may change nodes. If it does, the exit code reports the nodes' outcome even when the
    /// answer cannot be written.
    var changesNodes: Bool { get }
    func perform(_ console: Console) async throws -> HaopsExit
}

/// A verb that reaches machines.
protocol ConnectingCommand: HaopsCommand {
    var connection: ConnectionFlags { get }
}

extension ConnectingCommand {
    var timeLimit: Duration? { connection.timeLimit }
    var eventsPath: String? { connection.events }

    /// Opens the chosen transport for the duration of `body`, see ``ConnectionFlags``.
    func withTransport<Value: Sendable>(
        asksOnce: Bool = false, _ body: @escaping @Sendable (any Transport) async throws -> Value
    ) async throws -> Value {
        try await connection.withTransport(asksOnce: asksOnce, onlyLooks: !changesNodes, body)
    }
}

/// A verb that changes machines after the operator has agreed.
protocol ChangingCommand: ConnectingCommand {
    var consent: ConsentFlags { get }
}

extension ChangingCommand {
    var changesNodes: Bool { !consent.dryRun }
}

extension HaopsCommand {
    var timeLimit: Duration? { nil }
    var eventsPath: String? { nil }
    var changesNodes: Bool { false }

    func run() async throws { try await runForPeople() }

    fileprivate func runForPeople() async throws {
        let (console, file) = try await recorded(output.console)
        let whole = console.events.begin(.run)
        let run = await TimeLimit.bound(timeLimit, console) { try await perform(console) }
        var exit: HaopsExit
        switch run.result {
        case .success(let end): exit = end
        case .failure(let code as ExitCode):
            whole.end(code: code.rawValue)
            await file?.close(console)
            await OutputQueue.shared.flush()
            throw code
        // ``TimeLimit`` has printed a message already.
        case .failure(is CancellationError) where run.wasCut: exit = .unreachable
        case .failure(is InterruptedQuestion) where run.wasCut: exit = .unreachable
        case .failure(let error): exit = explain(error, on: console)
        }
        // `--timeout` skipped the remaining questions, so a run without errors is still incomplete.
        if run.wasCut, exit == .done { exit = .unreachable }
        if Task.isCancelled, exit != .outcomeUnknown { exit = .interrupted }
        if await cannotAnswer(on: console), !changesNodes { exit = .failed }
        LiveLines.shared.clear()
        whole.end(code: exit.rawValue)
        if await file?.close(console) == false, exit == .done, !changesNodes { exit = .failed }
        await OutputQueue.shared.flush()
        if exit != .done { throw exit.code }
    }
}

extension HaopsCommand {
    /// The run's console, which also writes events to the file of `--events`. The file is opened before anything
    /// else is done.
    ///
    /// - Throws: `ExitCode`, after an error was printed, when the file cannot be written.
    fileprivate func recorded(_ console: Console) async throws -> (Console, EventFile?) {
        var console = console
        console.verb = Self.configuration.commandName ?? "\(Self.self)".lowercased()
        do {
            let file = try eventsPath.map { try EventFile(appendingTo: $0) }
            if let file { console.listeners.append(file) }
            return (console, file)
        } catch {
            let exit = explain(error, on: console)
            await OutputQueue.shared.flush()
            throw exit.code
        }
    }
}

extension StageUnderWay {
    /// Emits the event that ends the whole run.
    fileprivate func end(code: Int32) {
        let exit = HaopsExit(rawValue: code)
        let phase: RunEvent.Phase =
            switch exit {
            // The verb has a complete answer.
            case .done, .changesPending, .badState: .ends
            case .refused: .skipped
            case .unreachable, .outcomeUnknown: .unknown
            case .failed, .usage, .interrupted, nil: .fails
            }
        end(phase, "exit \(code)" + (exit.map { ": \($0.meaning)" } ?? ""))
    }
}

/// Waits until all output is written. Returns `true`, after an error message, when the answer could not be
/// written, for example because a disk is full.
///
/// A reader that closed the pipe (`| head`) is no failure.
func cannotAnswer(on console: Console) async -> Bool {
    await OutputQueue.shared.flush()
    guard let code = OutputQueue.shared.failure(of: STDOUT_FILENO), code != EPIPE else { return false }
    console.error("cannot write the answer: \(unsafe String(cString: strerror(code)))")
    await OutputQueue.shared.flush()
    return true
}

/// A verb that also answers monitors, under `--nagios`.
protocol PluginCommand: HaopsCommand {
    var nagios: Bool { get }
    func answerMonitor(_ console: Console) async throws -> PluginAnswer
}

extension PluginCommand {
    /// Runs the verb. Under `--nagios` every outcome, errors included, is a plugin line and a plugin exit code.
    /// Standard error stays empty, because some monitors merge both streams.
    func run() async throws {
        guard nagios else { return try await runForPeople() }
        let (recording, file) = try await recorded(output.console.muted)
        let console = recording
        let whole = console.events.begin(.run)
        let late = PluginAnswer(.unknown, "the time of --timeout was up before anything was known")
        let run = await TimeLimit.bound(timeLimit, console) {
            TypedLine.show(late.line, on: STDOUT_FILENO)
            return late.state.rawValue
        } _: {
            try await answerMonitor(console)
        }
        let answer: PluginAnswer
        switch run.result {
        case .success(let given): answer = given
        case .failure(let error)
        where run.wasCut && (error is CancellationError || error is InterruptedQuestion):
            answer = late
        case .failure(let error): answer = PluginAnswer(error)
        }
        whole.ends("answered a monitor: \(answer.state.word)")
        await file?.close(console)
        output.console.answer(answer.line)
        await OutputQueue.shared.flush()
        throw ExitCode(answer.state.rawValue)
    }
}

/// Prints an error on standard error and returns its exit code.
func explain(_ error: any Error, on console: Console) -> HaopsExit {
    switch error {
    case let ended as Ended:
        return ended.exit
    case let failure as Failure:
        console.error(failure.message, hint: failure.hint)
        return failure.exit
    case let error as InventoryError:
        console.report(error.diagnostics, from: error.text)
        return .usage
    case let error as RemoteError:
        console.error(error.description, hint: error.hint)
        return error.outcomeIsKnown ? .unreachable : .outcomeUnknown
    case SurveyError.silentNodes:
        // Each unanswered node was named when its question ended.
        return .unreachable
    case SurveyError.unreadableConfiguration(let node, let cause):
        console.error("`\(node)`: cannot say what its keepalived reads: \(cause)")
        return .unreachable
    case SurveyError.noInstance:
        console.error(
            "none of these nodes has a VRRP instance in what its keepalived reads",
            hint: "write an inventory with `haops init`, or name other nodes")
        return .refused
    case let interrupted as InterruptedQuestion:
        console.error("interrupted: " + interrupted.sentence)
        return .interrupted
    case is CancellationError:
        console.error("interrupted")
        return .interrupted
    default:
        console.error("\(error)")
        return .failed
    }
}

extension InterruptedQuestion {
    /// What remains unknown because of the interruption, in a few words.
    var sentence: String {
        unanswered.isEmpty
            ? "not everything was asked, and nothing was changed"
            : "\(NodeRange.folded(unanswered)) had not answered, and nothing was changed"
    }
}

extension Console {
    /// A diagnostic with its line and caret, in colour where there is colour.
    func report(_ diagnostic: Diagnostic, from text: SourceText?) {
        if isQuiet, diagnostic.severity == .warning { return }
        let tones: [StyledLine.Role: Style.Tone] = [
            .error: .bad, .warning: .warning, .place: .strong, .gutter: .faint, .caret: .bad, .hint: .strong,
        ]
        for line in diagnostic.rendered(from: text) {
            stderrLine(line.pieces.map { err(tones[$0.role], $0.text.safeForTerminal) }.joined())
        }
    }
}
