/// The output lines of a held command as a sequence, with a time limit for each. It ends with the command's
/// output.
package struct HeldLines: AsyncSequence, Sendable {
    let command: any HeldCommand
    let timeout: Duration

    package struct AsyncIterator: AsyncIteratorProtocol {
        let lines: HeldLines

        /// - Throws: ``RemoteError``, as ``HeldCommand/nextLine(timeout:)`` does.
        package mutating func next() async throws(RemoteError) -> String? {
            try await lines.command.nextLine(timeout: lines.timeout)
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(RemoteError) -> String? {
            try await lines.command.nextLine(timeout: lines.timeout)
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(lines: self) }
}

extension HeldCommand {
    /// Its standard output, line by line.
    ///
    /// - `timeout`: the longest time between two lines.
    package func lines(timeout: Duration) -> HeldLines { HeldLines(command: self, timeout: timeout) }
}
