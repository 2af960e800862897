/// A way to reach machines: libssh2, the system's ssh, or a fleet made up for a test.
package protocol Transport: Sendable {
    /// Opens an authenticated session, hands it to `body`, and closes it, whatever happens.
    ///
    /// - Throws: ``RemoteError`` when no session comes about; whatever `body` throws.
    func withSession<Result: Sendable>(
        to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
    ) async throws -> Result
}

/// An open, authenticated connection to one machine. Commands on it run one after the other.
package protocol RemoteSession: Sendable {
    var host: HostID { get }

    /// Runs a command to its end. A non-zero exit is a result, not an error.
    ///
    /// - Throws: ``RemoteError/timedOut(host:operation:after:changes:)``,
    ///   ``RemoteError/connectionLost(host:operation:cause:changes:)`` and what becoming root may throw.
    func run(_ command: Command) async throws(RemoteError) -> CommandOutput

    /// Starts a command that lives as long as `body`, which may follow its standard output line by line.
    ///
    /// The command's standard input stays open until `body` returns and is closed then (also when the
    /// connection dies), so that a script ending in `cat >/dev/null` ends with it: locks and pings hang on this.
    /// Needs a session of its own: no ``run(_:)`` may be under way beside it.
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
