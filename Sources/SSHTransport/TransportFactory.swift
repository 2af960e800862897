internal import Reactor
package import Remote

/// Opens a transport, hands it to `body`, and closes all that it opened, whatever happens.
///
/// The sudo password is asked for before `body` starts, if the options want one.
///
/// - Throws: ``TransportStartError`` when this machine cannot even begin; whatever `body` throws.
package func withTransport<Result: Sendable>(
    _ kind: TransportKind, options: ConnectionOptions, prompt: any SecretPrompt,
    _ body: (any Transport) async throws -> Result
) async throws -> Result {
    let sessions = DescriptorLimit.sessions(parallel: options.parallel)
    let limits = SessionPool.Limits(
        logins: options.parallel, sessions: sessions, keepsIdle: options.keepsSessions)
    return try await withConnector(kind, options: options, prompt: prompt) { connector in
        try await SessionPool.withPool(over: connector, limits, body)
    }
}

/// As ``withTransport(_:options:prompt:_:)``, for whoever counts logins: nothing is pooled.
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
    // The loops of jump hosts live here, beside the body and no longer than it.
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
