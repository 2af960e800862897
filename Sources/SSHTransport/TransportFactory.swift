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
    DescriptorLimit.raise(to: DescriptorLimit.needed(parallel: options.parallel))
    let secrets = Secrets(prompt: prompt)
    _ = await secrets.becomePassword(options)
    if kind == .openssh {
        let transport = try OpenSSHTransport(options: options, secrets: secrets)
        defer { transport.close() }
        return try await body(transport)
    }
    let reactor: Reactor
    do {
        reactor = try Reactor()
    } catch {
        throw TransportStartError(cause: "\(error.call): \(String(errno: error.code))")
    }
    defer { reactor.shutdown() }
    let jumps = JumpHosts()
    let transport = LibSSH2Transport(options: options, reactor: reactor, secrets: secrets, jumps: jumps)
    // The loops of jump hosts live here, beside the body and no longer than it.
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await jumps.serve() }
        defer { jumps.close() }
        return try await body(transport)
    }
}

/// Why no transport could be opened.
package struct TransportStartError: Error, CustomStringConvertible {
    package let cause: String
    package var description: String { "cannot begin: \(cause)" }
}
