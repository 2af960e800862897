import ArgumentParser
import Glibc

/// How a verb that changes nodes gets the operator's consent. These flags replace the question that follows the
/// plan.
struct ConsentFlags: ParsableArguments {
    @Flag(help: "Do not ask. What would be done is shown all the same.")
    var yes = false

    @Flag(name: [.long, .customLong("check")], help: "Show what would be done, do nothing.")
    var dryRun = false

    /// Asks on the terminal; any answer but `y` or `yes` refuses.
    ///
    /// - Throws: ``Failure`` of exit code 3 when the answer is no, or when there is nobody to ask; `CancellationError`
    ///   when Ctrl-C or the end of `--timeout` comes before the answer.
    func ask(_ question: String) async throws {
        try await ask(question + " [y/N] ") { ["y", "yes"].contains($0.lowercased()) }
    }

    /// Asks for a name to be typed, before what may take a service down; any other answer refuses.
    ///
    /// - Throws: as ``ask(_:)``.
    func askForName(_ name: String, _ question: String) async throws {
        try await ask("\(question) (\(name)): ") { $0 == name }
    }

    private func ask(_ question: String, _ agrees: (String) -> Bool) async throws {
        if yes { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(
                .refused, "nothing was done: there is no terminal to ask on",
                hint: "--yes skips the question")
        }
        LiveLines.shared.pause()
        defer { LiveLines.shared.resume() }
        // The plan must be printed before the question.
        await OutputQueue.shared.flush()
        let answer = try await onOwnThread { Result { try Self.readAnswer(question) } }.get()
        guard agrees(answer) else {
            throw Failure(.refused, "nothing was done: not agreed to")
        }
    }

    private static func readAnswer(_ question: String) throws -> String {
        TypedLine.show(question.safeOnOneLine, on: STDERR_FILENO)
        do {
            let line = try TypedLine.read(from: STDIN_FILENO, unless: Interrupts.stopRequested) ?? []
            return String(decoding: line, as: UTF8.self).filter { !$0.isWhitespace }
        } catch {
            // The next output begins on a new line.
            TypedLine.show("\n", on: STDERR_FILENO)
            throw error
        }
    }
}
