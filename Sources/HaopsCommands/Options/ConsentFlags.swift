import ArgumentParser
import Glibc

/// How a verb that writes gets its leave: it shows, asks, and takes these instead of an answer.
struct ConsentFlags: ParsableArguments {
    @Flag(help: "Do not ask. What would be done is shown all the same.")
    var yes = false

    @Flag(name: [.long, .customLong("check")], help: "Show what would be done, do nothing.")
    var dryRun = false

    /// Asks on the terminal; any answer but `y` or `yes` refuses.
    ///
    /// - Throws: ``Failure`` of exit code 3 when the answer is no, or when there is nobody to ask.
    func ask(_ question: String) async throws {
        if yes { return }
        let answer = await onOwnThread { Self.readAnswer(question + " [y/N] ") }
        guard let answer else {
            throw Failure(
                .refused, "nothing was done: there is no terminal to ask on",
                hint: "--yes does without the question")
        }
        guard ["y", "yes"].contains(answer.lowercased()) else {
            throw Failure(.refused, "nothing was done: not agreed to")
        }
    }

    private static func readAnswer(_ question: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        let bytes = Array(question.safeOnOneLine.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
        return readLine(strippingNewline: true)?.filter { !$0.isWhitespace } ?? ""
    }
}
