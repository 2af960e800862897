/// A way to reach machines: a pool of ssh sessions, or a fleet made up for a test.
package protocol Transport: Sendable {
    /// Lends an authenticated session to `body`, which nobody else uses meanwhile: an idle one, or a new login.
    ///
    /// - Throws: ``RemoteError`` when no session comes about; whatever `body` throws.
    func withSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result

    /// As ``withSession(to:_:)``, with a login of its own: it proves that one can log in at this moment.
    func withNewSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result

    /// Runs one command on a machine. Commands to one machine run one after the other.
    ///
    /// A session that breaks before the command was sent, or while a question was asked, is opened anew once.
    func ask(_ target: SSHTarget, _ command: Command) async -> Result<CommandOutput, RemoteError>
}

extension Transport {
    package func withNewSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result {
        try await withSession(to: target, body)
    }

    package func ask(_ target: SSHTarget, _ command: Command) async -> Result<CommandOutput, RemoteError> {
        await outcome(of: command, on: target) {
            try await withSession(to: target) { try await $0.run(command) }
        }
    }

    /// Runs one command over a new login.
    package func askAnew(_ target: SSHTarget, _ command: Command) async -> Result<CommandOutput, RemoteError>
    {
        await outcome(of: command, on: target) {
            try await withNewSession(to: target) { try await $0.run(command) }
        }
    }

    private func outcome(
        of command: Command, on target: SSHTarget, _ work: () async throws -> CommandOutput
    ) async -> Result<CommandOutput, RemoteError> {
        do {
            return .success(try await work())
        } catch let error as RemoteError {
            return .failure(error)
        } catch {
            return .failure(
                .cancelled(host: target.id, operation: command.operation, changes: command.changes))
        }
    }
}

/// An open, authenticated connection to one machine. Commands on it run one after the other.
package protocol RemoteSession: Sendable {
    var host: HostID { get }

    /// Runs a command to its end. A non-zero exit is a result, not an error.
    ///
    /// - Throws: of kind ``RemoteError/Kind/timedOut(_:)`` or ``RemoteError/Kind/connectionLost(_:)``, and what becoming root
    ///   may throw.
    func run(_ command: Command) async throws(RemoteError) -> CommandOutput

    /// Starts a command that lives as long as `body`, which may follow its standard output line by line.
    ///
    /// The command's standard input stays open until `body` returns and is closed then (also when the
    /// connection dies), so that a script ending in `cat >/dev/null` ends with it: locks and pings hang on this.
    /// Needs the session for itself: no ``run(_:)`` may be under way beside it.
    func hold<Result: Sendable>(
        _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
    ) async throws -> Result
}

/// A remote command that is still running.
package protocol HeldCommand: Sendable {
    /// The next line of its standard output without the newline; `nil` at the end of it.
    ///
    /// - Throws: ``RemoteError`` when the connection is lost or the line takes longer than `timeout`.
    func nextLine(timeout: Duration) async throws(RemoteError) -> String?

    /// Writes a line to its standard input, without waiting until it has arrived.
    ///
    /// - Throws: ``RemoteError`` when the connection is known to be lost.
    func tell(_ line: String) async throws(RemoteError)
}

/// Logs in to machines: what a ``SessionPool`` gets its sessions from.
package protocol Connector: Sendable {
    /// Connects, checks the host key and logs in. Whoever gets the session has to close it.
    func connect(to target: SSHTarget) async throws(RemoteError) -> any PooledSession
}

/// A session that may lie idle between two questions.
package protocol PooledSession: RemoteSession {
    /// Whether a command can be sent, as far as this machine knows without asking the peer.
    var isUsable: Bool { get async }

    /// Asks the peer for a sign of life; `false` when none comes within `timeout`.
    func isAlive(within timeout: Duration) async -> Bool

    /// Says goodbye and gives everything back, without waiting for the peer.
    func close() async
}
