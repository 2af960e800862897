import FoundationEssentials
import Glibc
import HaopsTestSupport
import Remote

/// A run of haops that is followed by its events, so that something can be done to it at one of its steps.
struct FaultRun: Sendable {
    private let lab: LabFixture
    private let commandLine: [String]
    private let events: String
    private let processFile: String

    /// The whole command line, for a second controller.
    var again: [String] { [LabFixture.haops] + commandLine }

    init(_ pair: ManagedPair, _ verb: [String], options: [String]) throws {
        lab = pair.lab
        commandLine = pair.commandLine(
            verb[0], Array(verb.dropFirst()) + ["--yes", "-o", "json", "--connect-timeout", "3"] + options)
        events = try lab.scratch("fault.events", "")
        processFile = try lab.scratch("fault.pid", "")
    }

    /// Runs it to its end, and `act` at a step, with the id of its process.
    ///
    /// - Returns: how it ended, the steps that it announced, and what `act` returned; `nil` where the step was not announced.
    func run<Result: Sendable>(
        at step: AnnouncedStep?, after pause: Duration, limit: Duration,
        _ act: @escaping @Sendable (pid_t) async throws -> Result
    ) async throws -> (output: CommandOutput, steps: [AnnouncedStep], acted: Result?) {
        try await withThrowingTaskGroup(of: CommandOutput?.self) { group in
            group.addTask {
                try await lab.run(
                    [
                        "bash", "-c",
                        "\"$@\" & echo $! >\"$0\"; wait $!; status=$?; echo ended >>\"$0\"; exit $status",
                        processFile, LabFixture.haops,
                    ] + commandLine + ["--events", events], limit: limit)
            }
            var acted: Result?
            if let step {
                do {
                    if try await announces(step, within: limit) {
                        try await Task.sleep(for: pause)
                        acted = try await act(try process())
                    }
                } catch {
                    // A run that nothing was done to is not left behind.
                    if let process = try? process() { kill(process, SIGKILL) }
                    throw error
                }
            }
            guard let output = try await group.next() ?? nil else { throw CancellationError() }
            // The limit ends what runs it, and not haops itself.
            if case .code(124) = output.status, let process = try? process() { kill(process, SIGKILL) }
            let steps = try EventLine.all(in: events).compactMap { AnnouncedStep(begunBy: $0) }
            return (output, steps, acted)
        }
    }

    private func process() throws -> pid_t {
        let text = try String(contentsOfFile: processFile, encoding: .utf8)
        guard let id = text.split(separator: "\n").first.flatMap({ pid_t($0) }) else {
            throw LabFixture.Failure.notRunning("haops has not begun")
        }
        return id
    }

    /// Waits until a step begins; `false` when the run ends before.
    private func announces(_ step: AnnouncedStep, within limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            // Read before the events, so that none is missed between the two.
            let hasEnded = try String(contentsOfFile: processFile, encoding: .utf8).contains("ended")
            var text = try String(contentsOfFile: events, encoding: .utf8)
            // The last line may be half written.
            text = text.lastIndex(of: "\n").map { String(text[...$0]) } ?? ""
            for line in text.split(separator: "\n") where line.contains("\"\(step.stage)\"") {
                let event = try JSONDecoder().decode(EventLine.self, from: Data(line.utf8))
                if AnnouncedStep(begunBy: event) == step { return true }
            }
            if hasEnded { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
