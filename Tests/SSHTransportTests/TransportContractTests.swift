import Remote
import SSHTransport
import Testing

/// What every transport does, asked of each of them against a real sshd.
@Suite(.enabled(if: SSHServer.isInstalled, "needs /usr/sbin/sshd (package openssh-server)"))
struct TransportContractTests {
    @Test(arguments: TransportKind.allCases)
    func `a command's outputs and status come back`(kind: TransportKind) async throws {
        try await SSHServer.with { server in
            let output = try await ask(
                kind, server, Command("echo out; echo err >&2; exit 3", operation: "test"))
            #expect(output.text == "out\n")
            #expect(output.errorText == "err\n")
            #expect(output.status == .code(3))
        }
    }
}

/// Nobody to ask.
struct NoPrompt: SecretPrompt {
    func secret(_ question: String) async -> String? { nil }
}

func ask(_ kind: TransportKind, _ server: SSHServer, _ command: Command) async throws -> CommandOutput {
    try await withTransport(kind, options: server.options(), prompt: NoPrompt()) { transport in
        try await transport.ask(server.target(), command).get()
    }
}
