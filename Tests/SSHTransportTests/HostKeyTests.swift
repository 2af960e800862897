import Remote
import Testing

@testable import SSHTransport

extension RealServerTests {
    /// Whose key is trusted, and whose is not.
    @Suite
    struct HostKeyTests {
        @Test(arguments: TransportKind.allCases)
        func `a host never seen is refused, and says its fingerprint`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                try write("", to: server.knownHosts)
                let refusal = try require(await failure(kind, server), .unknownHostKey)
                #expect(refusal.reason.contains("127.0.0.1"))
                if kind == .libssh2 {
                    #expect(
                        refusal.detail == "it is not known: ssh-ed25519 \(try await server.fingerprint())")
                }
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `accept-new adds a host once, and knows it from then on`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                // The system's ssh trusts that the last line has its newline; we do not.
                let end = kind == .libssh2 ? "" : "\n"
                try write("# mine\(end)", to: server.knownHosts)
                var options = server.options()
                options.acceptNew = true
                #expect(await failure(kind, server, options: options) == nil)
                #expect(await failure(kind, server, options: options) == nil)
                #expect(await failure(kind, server) == nil)
                let lines = try read(server.knownHosts).split(separator: "\n")
                #expect(lines.count == 2)
                #expect(lines.first == "# mine")
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `an ssh_config that accepts new hosts is followed, and one that accepts any key is not`(
            kind: TransportKind
        ) async throws {
            try await SSHServer.with { server in
                try write("", to: server.knownHosts)
                var options = server.options()
                options.sshConfig = server.config
                for lax in ["no", "off", "ask"] {
                    try write("StrictHostKeyChecking \(lax)\n", to: server.config)
                    _ = try require(await failure(kind, server, options: options), .unknownHostKey)
                }
                try write("Host other\n  StrictHostKeyChecking accept-new\n", to: server.config)
                _ = try require(await failure(kind, server, options: options), .unknownHostKey)
                try write("Host 127.*\n  StrictHostKeyChecking accept-new\n", to: server.config)
                #expect(await failure(kind, server, options: options) == nil)
                #expect(try read(server.knownHosts).split(separator: "\n").count == 1)
                try await makeKey(server.directory + "/other", kind: "ed25519")
                let other = try read(server.directory + "/other.pub").split(separator: " ")[1]
                try write("[127.0.0.1]:\(server.port) ssh-ed25519 \(other)\n", to: server.knownHosts)
                _ = try require(await failure(kind, server, options: options), .changedHostKey)
            }
        }

        @Test
        func `accept-new from many nodes at once writes whole lines`() async throws {
            try await SSHServer.with { server in
                try write("", to: server.knownHosts)
                var options = server.options()
                options.acceptNew = true
                let targets = (1...40).map { server.target("n\($0)", host: "127.0.1.\($0)") }
                let results = try await withTransport(.libssh2, options: options, prompt: NoPrompt()) {
                    transport in
                    await fanOut(over: targets, window: 40) {
                        await transport.ask($0, Command("true", operation: "test"))
                    }
                }
                #expect(results.allSatisfy { (try? $0.get()) != nil })
                let lines = try read(server.knownHosts).split(separator: "\n")
                #expect(lines.count == 40)
                #expect(lines.allSatisfy { $0.split(separator: " ").count == 3 })
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `another key than the known one is refused, accept-new or not`(kind: TransportKind) async throws
        {
            try await SSHServer.with { server in
                try await makeKey(server.directory + "/other", kind: "ed25519")
                let other = try read(server.directory + "/other.pub").split(separator: " ")[1]
                try write("[127.0.0.1]:\(server.port) ssh-ed25519 \(other)\n", to: server.knownHosts)
                var options = server.options()
                options.acceptNew = true
                let refusal = try require(await failure(kind, server, options: options), .changedHostKey)
                #expect(refusal.detail.contains(server.knownHosts + ":1"))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a revoked key is refused though another line trusts it`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let line = try read(server.knownHosts)
                let key = line.split(separator: " ")[2].split(separator: "\n")[0]
                try write("\(line)@revoked * ssh-ed25519 \(key)\n", to: server.knownHosts)
                _ = try require(await failure(kind, server), .revokedHostKey)
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `hashed lines are known`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                try await run("ssh-keygen", ["-q", "-H", "-f", server.knownHosts])
                #expect(try read(server.knownHosts).hasPrefix("|1|"))
                #expect(await failure(kind, server) == nil)
            }
        }

        @Test
        func `a host known by one kind of key is asked for that kind`() async throws {
            try await SSHServer.with(hostKeys: ["ed25519", "ecdsa"]) { server in
                let lines = try read(server.knownHosts).split(separator: "\n")
                let ecdsa = lines.filter { $0.contains("ecdsa") }.joined(separator: "\n")
                try write(ecdsa + "\n", to: server.knownHosts)
                #expect(await failure(.libssh2, server) == nil)
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a host known by an RSA key only shows that one, where libssh2 can verify it`(
            kind: TransportKind
        ) async throws {
            try await SSHServer.with(hostKeys: ["ed25519", "rsa"]) { server in
                let lines = try read(server.knownHosts).split(separator: "\n")
                let rsa = lines.filter { $0.contains("ssh-rsa") }.joined(separator: "\n")
                try write(rsa + "\n", to: server.knownHosts)
                let error = await failure(kind, server)
                guard kind == .libssh2, !SessionHandle.canSignRSAWithSHA2 else {
                    #expect(error == nil)
                    return
                }
                // The server does not sign with SHA-1 any more, so it shows its other key.
                let refusal = try require(error, .configuration)
                let hint = try #require(refusal.hint)
                #expect(
                    refusal.detail.contains("is known by ssh-rsa")
                        && refusal.detail.contains("it shows ssh-ed25519"))
                #expect(hint.contains("--transport openssh"))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a host that has an RSA key only is reached, or refused with a way out`(
            kind: TransportKind
        ) async throws {
            try await SSHServer.with(hostKeys: ["rsa"]) { server in
                let error = await failure(kind, server)
                guard kind == .libssh2, !SessionHandle.canSignRSAWithSHA2 else {
                    #expect(error == nil)
                    return
                }
                let refusal = try require(error, .unreachable)
                let hint = try #require(refusal.hint)
                #expect(hint.contains("RSA host keys") && hint.contains("--transport openssh"))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a host key that RevokedHostKeys names is not accepted`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let revoked = server.directory + "/revoked"
                try write(try read(server.directory + "/host_ed25519.pub"), to: revoked)
                var options = server.options()
                options.sshConfig = server.config
                try write("Host other\n  RevokedHostKeys \(revoked)\n", to: server.config)
                #expect(await failure(kind, server, options: options) == nil)
                try write("Host 127.*\n  RevokedHostKeys \(revoked)\n", to: server.config)
                let accepted = server.log.count(of: "Accepted")
                let error = await failure(kind, server, options: options)
                #expect(server.log.count(of: "Accepted") == accepted)
                guard kind == .libssh2 else {
                    let refusal = try require(error, .revokedHostKey)
                    #expect(refusal.detail.hasSuffix("(\(revoked))"))
                    return
                }
                let refusal = try require(error, .configuration)
                let hint = try #require(refusal.hint)
                #expect(refusal.detail.contains("RevokedHostKeys") && refusal.detail.contains(revoked))
                #expect(hint.contains("--transport openssh"))
            }
        }

        @Test
        func `a host known by another kind of key only is not new`() async throws {
            try await SSHServer.with { server in
                try await makeKey(server.directory + "/other", kind: "ecdsa")
                let other = try read(server.directory + "/other.pub").split(separator: " ").prefix(2)
                try write(
                    "[127.0.0.1]:\(server.port) \(other.joined(separator: " "))\n", to: server.knownHosts)
                var options = server.options()
                options.acceptNew = true
                let refusal = try require(await failure(.libssh2, server, options: options), .configuration)
                #expect(refusal.detail.contains("is known by ecdsa-sha2-nistp256"))
            }
        }

        @Test
        func `a host whose only line cannot be read is not new`() async throws {
            try await SSHServer.with { server in
                try write("[127.0.0.1]:\(server.port) ssh-ed25519 not!base64\n", to: server.knownHosts)
                var options = server.options()
                options.acceptNew = true
                let refusal = try require(await failure(.libssh2, server, options: options), .configuration)
                #expect(refusal.detail.contains(":1 cannot confirm it"))
            }
        }
    }
}

extension String {
    fileprivate func count(of words: String) -> Int { ranges(of: words).count }
}
