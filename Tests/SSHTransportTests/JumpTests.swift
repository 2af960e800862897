import Glibc
import Remote
import SSHTransport
import Testing

extension RealServerTests {
    /// Machines behind jump hosts.
    @Suite
    struct JumpTests {
        /// Three servers; the configuration names the user's key for all of them.
        private func withChain(
            _ body: (_ first: SSHServer, _ second: SSHServer, _ last: SSHServer, ConnectionOptions)
                async throws
                -> Void
        ) async throws {
            try await SSHServer.with { first in
                try await SSHServer.with { second in
                    try await SSHServer.with { last in
                        for server in [second, last] { try server.authorize(first.key("ed25519")) }
                        let known = try [first, second, last].map { try read($0.knownHosts) }.joined()
                        try write(known, to: first.knownHosts)
                        try write("IdentityFile \(first.key("ed25519"))\n", to: first.config)
                        var options = first.options()
                        options.sshConfig = first.config
                        try await body(first, second, last, options)
                    }
                }
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `jump hosts too are accepted as ssh_config says`(kind: TransportKind) async throws {
            try await withChain { first, second, last, options in
                try write("", to: first.knownHosts)
                let target = target(last, through: [first, second], key: first.key("ed25519"))
                _ = try require(await failure(kind, last, target: target, options: options), .unknownHostKey)
                try write(try read(first.config) + "StrictHostKeyChecking accept-new\n", to: first.config)
                #expect(await failure(kind, last, target: target, options: options) == nil)
                #expect(try read(first.knownHosts).split(separator: "\n").count == 3)
            }
        }

        private func target(
            _ server: SSHServer, through hops: [SSHServer], key: String, name: String = "node"
        )
            -> SSHTarget
        {
            var target = server.target(name, identities: [key])
            target.jumps = hops.map { "\(currentUser())@127.0.0.1:\($0.port)" }
            return target
        }

        @Test(arguments: TransportKind.allCases)
        func `a machine behind two jump hosts is reached`(kind: TransportKind) async throws {
            try await withChain { first, second, last, options in
                let target = target(last, through: [first, second], key: first.key("ed25519"))
                let bytes = [UInt8](repeating: 42, count: 3 << 20)
                let output = try await withTransport(kind, options: options, prompt: NoPrompt()) {
                    transport in
                    try await transport.ask(
                        target, Command("cat; echo $SSH_CONNECTION >&2", operation: "test", input: bytes)
                    ).get()
                }
                #expect(output.stdout == bytes)
                #expect(output.errorText.contains(" \(last.port)\n"))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a wrong host key on the middle hop is refused`(kind: TransportKind) async throws {
            try await withChain { first, second, last, options in
                try await makeKey(first.directory + "/other", kind: "ed25519")
                let other = try read(first.directory + "/other.pub").split(separator: " ")[1]
                let known = try read(first.knownHosts).split(separator: "\n").map { line in
                    line.contains("]:\(second.port) ")
                        ? "[127.0.0.1]:\(second.port) ssh-ed25519 \(other)" : String(line)
                }
                try write(known.joined(separator: "\n") + "\n", to: first.knownHosts)
                let error = await failure(
                    kind, first, target: target(last, through: [first, second], key: first.key("ed25519")),
                    options: options)
                let refusal = try require(error, .changedHostKey)
                #expect(refusal.host == HostID("node"))
                #expect(refusal.reason.contains("\(second.port)") && !refusal.reason.contains("\(last.port)"))
                #expect(!last.log.contains("Accepted"))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `the jump host whose key changed, or is revoked, is named`(kind: TransportKind) async throws {
            try await withChain { first, second, last, options in
                try await makeKey(first.directory + "/other", kind: "ed25519")
                let other = try read(first.directory + "/other.pub").split(separator: " ")[1]
                let known = try read(first.knownHosts)
                let own = try #require(known.split(separator: "\n").first { $0.contains("]:\(first.port),") })
                let target = target(last, through: [first], key: first.key("ed25519"))
                try write(
                    "[127.0.0.1]:\(first.port) ssh-ed25519 \(other)\n"
                        + known.split(separator: "\n").filter { $0 != own }.joined(separator: "\n") + "\n",
                    to: first.knownHosts)
                let refusal = try require(
                    await failure(kind, first, target: target, options: options), .changedHostKey)
                #expect(
                    refusal.reason.contains("\(first.port)")
                        && refusal.detail.contains("\(first.knownHosts):1 "))
                let real = try await first.fingerprint()
                #expect(refusal.detail.contains(real))
                try write(known + "@revoked \(own)\n", to: first.knownHosts)
                let revoked = try require(
                    await failure(kind, first, target: target, options: options), .revokedHostKey)
                #expect(revoked.reason.contains("\(first.port)"))
                #expect(!first.log.contains("Accepted") && !last.log.contains("Accepted"))
            }
        }

        @Test
        func `a jump host that lets nobody in is named`() async throws {
            try await withChain { first, _, last, options in
                try write("", to: first.directory + "/authorized_keys")
                var target = target(last, through: [], key: first.key("ed25519"))
                target.jumps = ["\(currentUser())@127.0.0.2:\(first.port)"]
                let key = try read(first.directory + "/host_ed25519.pub").split(separator: " ")[1]
                try write(
                    try read(first.knownHosts) + "[127.0.0.2]:\(first.port) ssh-ed25519 \(key)\n",
                    to: first.knownHosts)
                let refusal = try require(
                    await failure(.openssh, first, target: target, options: options), .authenticationFailed)
                let hint = try #require(refusal.hint)
                #expect(hint.contains("127.0.0.2"))
            }
        }

        @Test
        func `many machines share one login on the jump host`() async throws {
            try await withChain { first, _, last, options in
                let targets = (1...30).map {
                    target(last, through: [first], key: first.key("ed25519"), name: "n\($0)")
                }
                let results = try await withTransport(.libssh2, options: options, prompt: NoPrompt()) {
                    transport in
                    await fanOut(over: targets, window: 30) {
                        await transport.ask($0, Command("head -c 200000 /dev/zero", operation: "test"))
                    }
                }
                for result in results { #expect(try result.get().stdout.count == 200_000) }
                let logins = first.log.split(separator: "\n").count { $0.contains("Accepted publickey") }
                #expect((1...3).contains(logins))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a dead machine behind the jump host does not hold up the others`() async throws {
            try await withChain { first, _, last, options in
                var options = options
                options.requestedConnectTimeout = .seconds(50)
                // A listener whose backlog is full swallows the next connection's SYN, as a dead machine does.
                let dead = try SilentListener(backlog: 0)
                defer { dead.close() }
                let fillers = try (0..<4).map { _ in try dead.connectWithoutWaiting() }
                defer { for filler in fillers { close(filler) } }
                var lost = target(last, through: [first], key: first.key("ed25519"), name: "lost")
                lost.port = dead.port
                let others = (1...6).map {
                    target(last, through: [first], key: first.key("ed25519"), name: "n\($0)")
                }
                let (lostTarget, command) = (lost, Command("true", operation: "test"))
                try await withTransport(.libssh2, options: options, prompt: NoPrompt()) { transport in
                    try await withThrowingTaskGroup(of: RemoteError?.self) { group in
                        group.addTask {
                            guard case .failure(let error) = await transport.ask(lostTarget, command) else {
                                return nil
                            }
                            return error
                        }
                        for result in await fanOut(
                            over: others, window: 6, work: { await transport.ask($0, command) })
                        {
                            #expect(try result.get().status == .code(0))
                        }
                        // Still waiting for the dead one, which would have taken all of the time limit.
                        group.cancelAll()
                        let error = try await group.next() ?? nil
                        #expect(
                            error == .cancelled(host: HostID("lost")))
                    }
                }
            }
        }

        @Test
        func `a jump host that refuses to go on is named`() async throws {
            try await withChain { first, _, last, options in
                var target = target(last, through: [first], key: first.key("ed25519"))
                target.port = try freePort()
                let refusal = try require(
                    await failure(.libssh2, first, target: target, options: options), .unreachable)
                #expect(
                    refusal.operation
                        == .hop(
                            to: "127.0.0.1:\(target.port ?? 0)", through: "127.0.0.1:\(first.port)"))
            }
        }
    }
}
