import Glibc
import Remote
import SSHTransport
import Testing

/// Nobody to ask.
struct NoPrompt: SecretPrompt {
    func secret(_ question: String) async -> String? { nil }
}

func ask(_ kind: TransportKind, _ server: SSHServer, _ command: Command) async throws -> CommandOutput {
    try await withTransport(kind, options: server.options(), prompt: NoPrompt()) { transport in
        try await transport.ask(server.target(), command).get()
    }
}

/// The error of a command, or of `true`; `nil` when there is none.
func failure(
    _ kind: TransportKind, _ server: SSHServer, _ command: Command = Command("true", operation: "test"),
    target: SSHTarget? = nil, options: ConnectionOptions? = nil, prompt: any SecretPrompt = NoPrompt()
) async -> RemoteError? {
    do {
        try await withTransport(kind, options: options ?? server.options(), prompt: prompt) { transport in
            _ = try await transport.ask(target ?? server.target(), command).get()
        }
        return nil
    } catch let error as RemoteError {
        return error
    } catch {
        Issue.record("unexpected error \(error)")
        return nil
    }
}

/// The error that has to be there, and has to be of this kind.
func require(
    _ error: RemoteError?, _ kind: RemoteError.Kind, sourceLocation: SourceLocation = #_sourceLocation
) throws -> RemoteError {
    let error = try #require(error, "no error, not even \(kind)", sourceLocation: sourceLocation)
    try #require(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    return error
}

/// The size of a file; `nil` when there is none.
func fileSize(_ path: String) -> Int? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return Int(status.st_size)
}

/// Accepts connections, as far as the kernel does, and never says a word.
struct SilentListener {
    let descriptor: CInt
    let port: Int

    init(backlog: CInt = 16) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        port = try bindToFreePort(descriptor)
        listen(descriptor, backlog)
    }

    /// A connection attempt, established or not.
    func connectWithoutWaiting() throws -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        connectToLoopback(descriptor, port: port)
        return descriptor
    }

    func close() { Glibc.close(descriptor) }
}
