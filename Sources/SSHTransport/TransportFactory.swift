internal import Reactor
package import Remote

/// Opens a transport, passes it to `body`, and closes everything it opened in any case.
///
/// If the options request it, the sudo password is asked for before `body` starts.
///
/// - Throws: ``TransportStartError`` when no transport can be opened on this machine; whatever `body` throws.
package func withTransport<Result: Sendable>(
    _ kind: TransportKind, options: ConnectionOptions, prompt: any SecretPrompt,
    _ body: (any Transport) async throws -> Result
) async throws -> Result {
    let sessions = DescriptorLimit.sessions(parallel: options.parallel, held: options.heldSessions)
    let limits = SessionPool.Limits(
        logins: options.parallel, sessions: sessions, keepsIdle: options.keepsSessions)
    return try await withConnector(kind, options: options, prompt: prompt) { connector in
        try await SessionPool.withPool(over: connector, limits, body)
    }
}

/// As ``withTransport(_:options:prompt:_:)``, but without a pool, for callers that need single logins.
package func withConnector<Result: Sendable>(
    _ kind: TransportKind, options: ConnectionOptions, prompt: any SecretPrompt,
    _ body: (any Connector) async throws -> Result
) async throws -> Result {
    let secrets = Secrets(prompt: prompt)
    _ = await secrets.becomePassword(options)
    if kind == .openssh {
        let connector = try OpenSSHConnector(options: options, secrets: secrets)
        defer { connector.close() }
        return try await body(connector)
    }
    let reactor: Reactor
    do {
        reactor = try Reactor()
    } catch {
        throw TransportStartError(cause: "\(error.call): \(String(errno: error.code))")
    }
    defer { reactor.shutdown() }
    let jumps = JumpHosts()
    let connector = LibSSH2Connector(options: options, reactor: reactor, secrets: secrets, jumps: jumps)
    // The loops of jump hosts run in this group, and end with the body.
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await jumps.serve() }
        defer { jumps.close() }
        return try await body(connector)
    }
}

/// Why no transport could be opened.
package struct TransportStartError: Error, CustomStringConvertible {
    package let cause: String
    package var description: String { "cannot begin: \(cause)" }
}
