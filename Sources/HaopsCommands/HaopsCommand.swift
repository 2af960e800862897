import ArgumentParser
import Inventory
import Remote

/// A verb: it looks or acts, and ends in one of the exit codes of ``HaopsExit``.
///
/// `run()` is the same for all of them: whatever is thrown is explained on standard error and becomes a code.
protocol HaopsCommand: AsyncParsableCommand {
    var output: OutputOptions { get }
    func perform(_ console: Console) async throws -> HaopsExit
}

extension HaopsCommand {
    func run() async throws { try await runForPeople() }

    fileprivate func runForPeople() async throws {
        let console = output.console
        var exit: HaopsExit
        do {
            exit = try await perform(console)
        } catch let code as ExitCode {
            throw code
        } catch {
            exit = explain(error, on: console)
        }
        if Task.isCancelled, exit != .outcomeUnknown { exit = .interrupted }
        if exit != .done { throw exit.code }
    }
}

/// A verb that also answers monitors, under `--nagios`.
protocol PluginCommand: HaopsCommand {
    var nagios: Bool { get }
    func answerMonitor(_ console: Console) async throws -> PluginAnswer
}

extension PluginCommand {
    /// A monitor is answered in its own words and codes whatever happens, and standard error stays empty: some
    /// monitors read both streams as one.
    func run() async throws {
        guard nagios else { return try await runForPeople() }
        let answer: PluginAnswer
        do { answer = try await answerMonitor(output.console.muted) } catch { answer = PluginAnswer(error) }
        output.console.answer(answer.line)
        throw ExitCode(answer.state.rawValue)
    }
}

/// Says on standard error what went wrong, once, and which code that is.
func explain(_ error: any Error, on console: Console) -> HaopsExit {
    switch error {
    case let ended as Ended:
        return ended.exit
    case let failure as Failure:
        console.error(failure.message, hint: failure.hint)
        return failure.exit
    case let error as InventoryError:
        for diagnostic in error.diagnostics {
            console.report(diagnostic, from: error.text)
        }
        return .usage
    case let error as RemoteError:
        console.error(error.description, hint: error.hint)
        return error.leavesOutcomeUnknown ? .outcomeUnknown : .unreachable
    case is CancellationError:
        console.error("interrupted")
        return .interrupted
    default:
        console.error("\(error)")
        return .failed
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
