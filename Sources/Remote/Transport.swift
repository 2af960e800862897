/// A way to reach machines: a pool of ssh sessions, or a simulated fleet in tests.
package protocol Transport: Sendable {
    /// Runs `body` with an authenticated session for its exclusive use: an idle one, or a new login.
    ///
    /// - Throws: ``RemoteError`` when no session comes about; whatever `body` throws.
    func withSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result

    /// As ``withSession(to:_:)``, but always with a new login, which proves that logging in works now.
    func withNewSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result

    /// Runs one command on a machine. Commands to one machine run one after the other.
    ///
    /// A session that breaks before the command was sent, or during a command that changes nothing, is reopened
    /// once.
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

    /// Starts a command that runs as long as `body`, which may read its standard output line by line.
    ///
    /// The command's standard input is closed when `body` returns or the connection dies. A script that ends in
    /// `cat >/dev/null` therefore ends with it; locks and pings depend on this. The session must not be used for
    /// ``run(_:)`` meanwhile.
    func hold<Result: Sendable>(
        _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
    ) async throws -> Result
}

/// A remote command that is still running.
package protocol HeldCommand: Sendable {
    /// The next line of its standard output without the newline; `nil` at its end.
    ///
    /// - Throws: ``RemoteError`` when the connection is lost or the line takes longer than `timeout`.
    func nextLine(timeout: Duration) async throws(RemoteError) -> String?

    /// Writes a line to its standard input, without waiting until it has arrived.
    ///
    /// - Throws: ``RemoteError`` when the connection is known to be lost.
    func tell(_ line: String) async throws(RemoteError)
}

/// Logs in to machines for a ``SessionPool``.
package protocol Connector: Sendable {
    /// Connects, checks the host key and logs in. The caller must close the session.
    func connect(to target: SSHTarget) async throws(RemoteError) -> any PooledSession
}

/// A session that may be idle between two commands.
package protocol PooledSession: RemoteSession {
    /// Whether a command can be sent, as far as this machine knows without asking the peer.
    var isUsable: Bool { get async }

    /// Sends a keepalive request; `false` when no answer comes within `timeout`.
    func isAlive(within timeout: Duration) async -> Bool

    /// Disconnects and frees all resources, without waiting for the peer.
    func close() async
}
