import Glibc
import HaopsTestSupport
import Remote
import Synchronization
import Testing

@testable import SSHTransport

extension RealServerTests {
    /// Where the operator's ssh configuration keeps ssh out, it keeps haops out.
    @Suite
    struct RestrictionTests {
        private func options(_ server: SSHServer, _ lines: String) throws -> ConnectionOptions {
            // The line goes first: ssh takes the first value that it finds.
            try write("\(lines)\nHost *\n  IdentityFile \(server.key("ed25519"))\n", to: server.config)
            var options = server.options()
            options.sshConfig = server.config
            return options
        }

        @Test(arguments: [
            "PubkeyAuthentication no", "PreferredAuthentications gssapi-with-mic",
            "PreferredAuthentications password", "KexAlgorithms diffie-hellman-group1-sha1",
            "Ciphers 3des-cbc",
            "Ciphers aes128-gcm@openssh.com,chacha20-poly1305@openssh.com", "MACs hmac-md5",
            "HostKeyAlgorithms ssh-dss", "HostKeyAlgorithms ecdsa-sha2-nistp256",
            "PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256", "PubkeyAcceptedKeyTypes ecdsa-sha2-nistp256",
            "AddressFamily inet6", "BindAddress 203.0.113.77", "BindInterface nothing0",
            "KnownHostsCommand /bin/false", "RevokedHostKeys /nowhere", "ProxyCommand /bin/false",
            "Match host 127.*\n  Ciphers 3des-cbc", "Match all\n  PubkeyAuthentication no",
        ])
        func `a line that keeps ssh out keeps haops out`(lines: String) async throws {
            try await SSHServer.with(options: ["Ciphers aes256-ctr,aes128-gcm@openssh.com"]) { server in
                // A server that has what libssh2 and ssh have by themselves, so that only the line can be in the way.
                #expect(await failure(.libssh2, server) == nil)
                let logins = server.log.ranges(of: "Accepted").count
                let options = try options(server, lines)
                let error = await failure(.libssh2, server, options: options)
                #expect(error != nil)
                #expect(server.log.ranges(of: "Accepted").count == logins)
                let words = "\(error.map { "\($0) \($0.hint ?? "")" } ?? "")"
                let keyword =
                    lines.split(separator: "\n").last?.split(separator: " ").first.map(String.init) ?? ""
                // It says which line, or what the line left; an address says it by itself.
                #expect(
                    words.contains(keyword) || words.contains("ssh -G")
                        || words.contains("--transport openssh")
                        || words.contains("not known by"), "\(words)")
                // What is meant for another host is not in the way.
                if !lines.contains("Match") {
                    let elsewhere = try self.options(server, "Host other\n  \(lines)")
                    #expect(await failure(.libssh2, server, options: elsewhere) == nil)
                }
            }
        }

        @Test
        func `a word that only ssh may know is refused where it holds`() async throws {
            try await SSHServer.with { server in
                let known = "IgnoreUnknown UseKeychain\nUseKeychain yes"
                let unknown = "IgnoreUnknown Invented\n\(known)\nInvented yes"
                // ssh says itself that it does not know a word; what it was told to ignore restricts nothing.
                for (lines, isLetIn) in [(known, true), ("Invented yes", false), (unknown, false)] {
                    let error = await failure(.libssh2, server, options: try options(server, lines))
                    #expect((error == nil) == isLetIn, "\(lines): \(String(describing: error))")
                }
            }
        }

        @Test
        func `nothing is negotiated that is not allowed`() async throws {
            try await SSHServer.with(options: [
                "Ciphers aes128-ctr", "MACs hmac-sha2-512", "KexAlgorithms diffie-hellman-group14-sha256",
            ]) { server in
                for (allowed, forbidden) in [
                    ("Ciphers aes256-ctr,aes128-ctr", "Ciphers aes256-ctr"),
                    ("MACs hmac-sha2-256,hmac-sha2-512", "MACs hmac-sha2-256"),
                    (
                        "KexAlgorithms curve25519-sha256,diffie-hellman-group14-sha256",
                        "KexAlgorithms curve25519-sha256"
                    ),
                ] {
                    let wide = try options(server, allowed)
                    #expect(await failure(.libssh2, server, options: wide) == nil)
                    let narrow = try options(server, forbidden)
                    let error = await failure(.libssh2, server, options: narrow)
                    let refusal = try require(error, .unreachable)
                    let hint = try #require(refusal.hint)
                    #expect(hint.contains(forbidden.split(separator: " ")[0]), "\(hint)")
                }
            }
        }

        @Test
        func `a policy of the whole system does not make haops useless`() async throws {
            // Fedora's DEFAULT, shortened: much that libssh2 does not have, and something that it has.
            let policy = """
                Match final all
                Ciphers aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr
                MACs hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256
                KexAlgorithms mlkem768x25519-sha256,curve25519-sha256,ecdh-sha2-nistp256
                PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-256
                HostKeyAlgorithms ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-256
                CASignatureAlgorithms ecdsa-sha2-nistp256,ssh-ed25519
                RequiredRSASize 2048

                """.replacing("mlkem768x25519-sha256,", with: "")
            try await SSHServer.with { server in
                let options = try options(server, policy)
                #expect(await failure(.libssh2, server, options: options) == nil)
            }
        }

        @Test
        func `a connection comes from the address and the family that are wanted`() async throws {
            try await SSHServer.with { server in
                func source(_ lines: String, host: String) async throws -> String {
                    let known = try read(server.directory + "/host_ed25519.pub").split(separator: " ").prefix(
                        2)
                    try write(
                        "[\(host)]:\(server.port) \(known.joined(separator: " "))\n", to: server.knownHosts)
                    let options = try options(server, lines)
                    return try await withTransport(.libssh2, options: options, prompt: NoPrompt()) {
                        transport in
                        let words = try await transport.ask(
                            server.target(host: host), Command("echo $SSH_CONNECTION", operation: "test")
                        ).get().text
                        return String(words.split(separator: " ")[0])
                    }
                }
                for (lines, host, wanted) in [
                    ("BindAddress 127.0.0.9", "127.0.0.1", "127.0.0.9"),
                    ("AddressFamily inet", "localhost", "127.0.0.1"),
                    ("AddressFamily inet6", "::1", "::1"),
                    ("AddressFamily inet\nBindAddress localhost", "localhost", "127.0.0.1"),
                ] {
                    let found = try await source(lines, host: host)
                    #expect(found == wanted)
                }
            }
        }

        @Test
        func `a jump host obeys its own section, and the target behind it only what concerns it`()
            async throws
        {
            try await SSHServer.with { first in
                try await SSHServer.with { last in
                    try last.authorize(first.key("ed25519"))
                    let key = try read(first.directory + "/host_ed25519.pub").split(separator: " ").prefix(2)
                    let known =
                        try read(last.knownHosts)
                        + "[127.0.0.2]:\(first.port) \(key.joined(separator: " "))\n"
                    var target = last.target(identities: [first.key("ed25519")])
                    target.jumps = ["\(currentUser())@127.0.0.2:\(first.port)"]
                    try write(known, to: first.knownHosts)
                    // The socket of the target is the jump host's.
                    for allowed in [
                        "Host 127.0.0.2\n  BindAddress 127.0.0.9",
                        "Host 127.0.0.1\n  AddressFamily inet6\n  BindAddress 203.0.113.77",
                    ] {
                        let options = try options(first, allowed)
                        #expect(
                            await failure(.libssh2, first, target: target, options: options) == nil,
                            "\(allowed)")
                    }
                    #expect(first.log.contains("from 127.0.0.9"))
                    for forbidden in [
                        "Host 127.0.0.2\n  PubkeyAuthentication no", "Host 127.0.0.2\n  Ciphers 3des-cbc",
                        "Host 127.0.0.2\n  RevokedHostKeys /nowhere",
                        "Host 127.0.0.1\n  PubkeyAuthentication no",
                        "Host 127.0.0.1\n  HostKeyAlgorithms ssh-dss",
                    ] {
                        let logins = last.log.ranges(of: "Accepted").count
                        let options = try options(first, forbidden)
                        #expect(await failure(.libssh2, first, target: target, options: options) != nil)
                        #expect(last.log.ranges(of: "Accepted").count == logins)
                    }
                }
            }
        }

        @Test(arguments: ["BatchMode yes", "NumberOfPasswordPrompts 0"])
        func `an operator who wants no questions is asked none`(line: String) async throws {
            try await SSHServer.with { server in
                let key = server.key("locked")
                try await makeKey(key, kind: "ed25519", passphrase: "open sesame", extra: ["-a", "2"])
                try server.authorize(key)
                let prompt = CountingPrompt(answer: "open sesame")
                try write("\(line)\nIdentitiesOnly yes\n", to: server.config)
                var options = server.options()
                options.sshConfig = server.config
                let error = await failure(
                    .libssh2, server, target: server.target(identities: [key]), options: options,
                    prompt: prompt)
                let refusal = try require(error, .authenticationFailed)
                #expect(prompt.questions == [])
                #expect(refusal.detail.contains("forbids to ask"))
            }
        }

        @Test
        func `a key that the agent holds is not offered where keys are forbidden`() async throws {
            try await SSHServer.with { server in
                let socket = server.directory + "/agent"
                let agent = try Daemon(["/usr/bin/ssh-agent", "-D", "-a", socket])
                try await poll("the agent listens") { fileSize(socket) != nil }
                try await run(
                    "/bin/sh", ["-c", "SSH_AUTH_SOCK=\(socket) ssh-add -q \(server.key("ed25519"))"])
                let target = server.target(identities: [])
                for (line, isLetIn) in [
                    ("", true), ("PubkeyAuthentication no", false),
                    ("PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256", false),
                ] {
                    try write("\(line)\nIdentityAgent \(socket)\nIdentityFile none\n", to: server.config)
                    var options = server.options()
                    options.sshConfig = server.config
                    let error = await failure(.libssh2, server, target: target, options: options)
                    #expect((error == nil) == isLetIn, "\(line): \(String(describing: error))")
                }
                await agent.stop()
            }
        }
    }
}
