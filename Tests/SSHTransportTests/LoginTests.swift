import Glibc
import Remote
import SSHTransport
import Synchronization
import Testing

extension RealServerTests {
    /// Keys, agents and questions.
    @Suite
    struct LoginTests {
        @Test(arguments: ["ed25519", "ecdsa"], TransportKind.allCases)
        func `keys log in`(type: String, kind: TransportKind) async throws {
            try await SSHServer.with { server in
                try await makeKey(server.key("own"), kind: type)
                try server.authorize(server.key("own"))
                #expect(
                    await failure(kind, server, target: server.target(identities: [server.key("own")])) == nil
                )
            }
        }

        @Test
        func `ECDSA keys of all sizes, and in PEM, log in`() async throws {
            try await SSHServer.with { server in
                for (name, extra) in [
                    ("p384", ["-b", "384"]), ("p521", ["-b", "521"]), ("pem", ["-m", "PEM"]),
                ] {
                    try await makeKey(server.key(name), kind: "ecdsa", extra: extra)
                    try server.authorize(server.key(name))
                    let error = await failure(
                        .libssh2, server, target: server.target(identities: [server.key(name)]))
                    #expect(error == nil, "\(name)")
                }
            }
        }

        @Test
        func `RSA with an old libssh2 says why it fails and what to use`() async throws {
            try await SSHServer.with { server in
                try await makeKey(server.key("rsa"), kind: "rsa")
                try server.authorize(server.key("rsa"))
                let error = await failure(
                    .libssh2, server, target: server.target(identities: [server.key("rsa")]))
                if LibSSH2Connector.signsRSAWithSHA2 {
                    #expect(error == nil)
                    return
                }
                let refusal = try require(error, .authenticationFailed)
                let hint = try #require(refusal.hint)
                #expect(refusal.detail == "tried \(server.key("rsa"))")
                #expect(
                    hint.contains("SHA-1") && hint.contains("ed25519") && hint.contains("--transport openssh")
                )
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a key that the server does not know is refused by name`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                try await makeKey(server.key("stranger"), kind: "ed25519")
                let target = server.target(identities: [server.key("stranger")])
                let refusal = try require(await failure(kind, server, target: target), .authenticationFailed)
                #expect(refusal.operation == .authenticate(user: currentUser()))
                #expect(refusal.detail.hasPrefix("tried "))
            }
        }

        @Test
        func `an encrypted key's passphrase is asked once for all nodes`() async throws {
            try await SSHServer.with { server in
                try await makeKey(
                    server.key("locked"), kind: "ed25519", passphrase: "open sesame", extra: ["-a", "2"])
                try server.authorize(server.key("locked"))
                let prompt = CountingPrompt(answer: "open sesame")
                let targets = (1...8).map { server.target("n\($0)", identities: [server.key("locked")]) }
                let results = try await withTransport(.libssh2, options: server.options(), prompt: prompt) {
                    transport in
                    await fanOut(over: targets, window: 8) {
                        await transport.ask($0, Command("true", operation: "test"))
                    }
                }
                for result in results { #expect(try result.get().status == .code(0)) }
                #expect(prompt.questions == ["passphrase for \(server.key("locked"))"])
            }
        }

        @Test
        func `nobody is asked for the passphrase of a key that the server does not want`() async throws {
            try await SSHServer.with { server in
                try await makeKey(
                    server.key("locked"), kind: "ed25519", passphrase: "open sesame", extra: ["-a", "2"])
                let prompt = CountingPrompt(answer: "open sesame")
                let target = server.target(identities: [server.key("locked"), server.key("ed25519")])
                #expect(await failure(.libssh2, server, target: target, prompt: prompt) == nil)
                #expect(prompt.questions == [])
            }
        }

        @Test
        func `a wrong passphrase is named`() async throws {
            try await SSHServer.with { server in
                try await makeKey(
                    server.key("locked"), kind: "ed25519", passphrase: "open sesame", extra: ["-a", "2"])
                try server.authorize(server.key("locked"))
                let error = await failure(
                    .libssh2, server, target: server.target(identities: [server.key("locked")]),
                    prompt: CountingPrompt(answer: "wrong"))
                let refusal = try require(error, .authenticationFailed)
                #expect(refusal.detail.contains("wrong passphrase"))
            }
        }

        @Test(arguments: ["ed25519", "ecdsa"], TransportKind.allCases)
        func `a key in the agent logs in where only its public half is on disk`(
            type: String, kind: TransportKind
        )
            async throws
        {
            try await SSHServer.with { server in
                try await makeKey(server.key("held"), kind: type)
                try server.authorize(server.key("held"))
                let socket = server.directory + "/agent"
                let agent = try Daemon(["/usr/bin/ssh-agent", "-D", "-a", socket])
                try await poll("the agent listens") { fileSize(socket) != nil }
                try await run("/bin/sh", ["-c", "SSH_AUTH_SOCK=\(socket) ssh-add -q \(server.key("held"))"])
                _ = unsafe unlink(server.key("held"))
                try write("IdentityAgent \(socket)\n", to: server.config)
                var options = server.options()
                options.sshConfig = server.config
                let target = server.target(identities: [server.key("held")])
                #expect(await failure(kind, server, target: target, options: options) == nil)
                await agent.stop()
            }
        }

        // MARK: - The operator's configuration

        @Test(arguments: TransportKind.allCases)
        func `an alias of the ssh configuration is followed`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                try write(
                    """
                    Host web
                      HostName 127.0.0.1
                      Port \(server.port)
                      User \(currentUser())
                      IdentityFile \(server.key("ed25519"))
                      IdentitiesOnly yes
                    """, to: server.config)
                var options = server.options()
                options.sshConfig = server.config
                let target = SSHTarget(id: HostID("web"), host: "web")
                #expect(await failure(kind, server, target: target, options: options) == nil)
            }
        }

        @Test
        func `a ProxyCommand is refused with a way out`() async throws {
            try await SSHServer.with { server in
                try write("Host *\n  ProxyCommand nc %h %p\n", to: server.config)
                var options = server.options()
                options.sshConfig = server.config
                let refusal = try require(await failure(.libssh2, server, options: options), .configuration)
                let hint = try #require(refusal.hint)
                #expect(hint.contains("--transport openssh"))
            }
        }
    }
}

/// Answers every question alike, and remembers them.
final class CountingPrompt: SecretPrompt {
    private let answer: String
    private let asked = Mutex<[String]>([])

    init(answer: String) { self.answer = answer }

    var questions: [String] { asked.withLock { $0 } }

    func secret(_ question: String) async -> String? {
        asked.withLock { $0.append(question) }
        return answer
    }
}
