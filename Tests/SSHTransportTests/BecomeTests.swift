import Glibc
import Remote
import SSHTransport
import Testing

extension RealServerTests {
    /// Becoming root through a real sudo and PAM, in a mount namespace whose passwd, shadow and sudoers are the test's own.
    @Suite(
        .enabled(
            if: SSHServer.isInstalled && SudoServer.isPossible,
            "needs root, /usr/sbin/sshd and /usr/bin/sudo"))
    struct BecomeTests {
        @Test(arguments: TransportKind.allCases)
        func `NOPASSWD sudo runs privileged commands as root and others not`(kind: TransportKind) async throws
        {
            try await SudoServer.with(sudoers: "ALL=(ALL) NOPASSWD: ALL") { server, target in
                let root = try await answer(
                    kind, server, target, Command("id -u; cat", operation: "test", input: [65, 10]))
                #expect(root.text == "0\nA\n")
                #expect(root.errorText == "")
                let user = try await answer(
                    kind, server, target, Command("id -un", operation: "test", privileged: false))
                #expect(user.text == "ops\n")
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `the sudo password is asked once and the input reaches the command whole`(kind: TransportKind)
            async throws
        {
            try await SudoServer.with(sudoers: "ALL=(ALL) ALL") { server, target in
                let prompt = CountingPrompt(answer: "hop hop")
                let input = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
                let output = try await answer(
                    kind, server, target, Command("id -u >&2; cat", operation: "test", input: input),
                    prompt: prompt)
                #expect(output.stdout == input)
                #expect(output.errorText == "0\n")
                #expect(prompt.questions == ["sudo password"])
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a sudo that wants no password never gets it as input`(kind: TransportKind) async throws {
            try await SudoServer.with(sudoers: "ALL=(ALL) NOPASSWD: ALL") { server, target in
                let output = try await answer(
                    kind, server, target, Command("cat", operation: "test", input: [66]),
                    prompt: CountingPrompt(answer: "hop hop"))
                #expect(output.stdout == [66])
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a wrong sudo password is said to be wrong`(kind: TransportKind) async throws {
            try await SudoServer.with(sudoers: "ALL=(ALL) ALL") { server, target in
                let error = await denied(kind, server, target, prompt: CountingPrompt(answer: "wrong"))
                #expect(
                    error
                        == .privilegeDenied(
                            host: HostID("node"), cause: "sudo refuses the password", hint: nil)
                )
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `without a password the host that wants one is named, with the way out`(kind: TransportKind)
            async throws
        {
            try await SudoServer.with(sudoers: "ALL=(ALL) ALL") { server, target in
                let refusal = try require(await denied(kind, server, target), .privilegeDenied)
                #expect(refusal.host == HostID("node"))
                let hint = try #require(refusal.hint)
                #expect(refusal.detail.contains("password is required"))
                #expect(hint.contains("-K"))
            }
        }

        @Test
        func `password and keyboard-interactive logins ask once for all nodes`() async throws {
            for method in ["PasswordAuthentication yes", "KbdInteractiveAuthentication yes"] {
                try await SudoServer.with(sudoers: "ALL=(ALL) NOPASSWD: ALL", login: method) {
                    server, target in
                    let prompt = CountingPrompt(answer: "hop hop")
                    let targets = (1...4).map { number -> SSHTarget in
                        var other = target
                        other.id = HostID("n\(number)")
                        other.identities = []
                        return other
                    }
                    let results = try await withTransport(.libssh2, options: server.options(), prompt: prompt)
                    {
                        transport in
                        await fanOut(over: targets, window: 4) {
                            await transport.ask($0, Command("id -un", operation: "test", privileged: false))
                        }
                    }
                    for result in results { #expect(try result.get().text == "ops\n") }
                    #expect(prompt.questions == ["ssh password for ops"])
                }
            }
        }

        @Test(arguments: ["PasswordAuthentication yes", "KbdInteractiveAuthentication yes"])
        func `a wrong ssh password is one failed login, however many nodes want it`(method: String)
            async throws
        {
            try await SudoServer.with(sudoers: "ALL=(ALL) NOPASSWD: ALL", login: method) { server, target in
                let errors = await errors(of: 6, .libssh2, server, target, identities: [])
                let first = errors.filter { "\($0)".contains("refused by 127.0.0.1") }
                #expect(errors.count == 6 && first.count == 5, "\(errors)")
                let failures = server.log.split(separator: "\n").filter {
                    $0.contains("Failed password") || $0.contains("PAM: Authentication failure")
                }
                #expect(failures.count == 1, "\(failures)")
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a wrong sudo password is tried once, however many nodes want it`(kind: TransportKind)
            async throws
        {
            try await SudoServer.with(sudoers: "ALL=(ALL) ALL") { server, target in
                let errors = await errors(of: 6, kind, server, target, identities: target.identities)
                let causes = errors.map { $0.kind == .privilegeDenied ? $0.detail : "\($0)" }
                #expect(causes.count { $0 == "sudo refuses the password" } == 1, "\(causes)")
                #expect(causes.count { $0.contains("was refused by `n") } == 5, "\(causes)")
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `the right sudo password reaches all nodes, and commands that stay`(kind: TransportKind)
            async throws
        {
            try await SudoServer.with(sudoers: "ALL=(ALL) ALL") { server, target in
                var options = server.options()
                options.askBecomePassword = true
                let prompt = CountingPrompt(answer: "hop hop")
                let targets = nodes(6, like: target)
                let lines = try await withTransport(kind, options: options, prompt: prompt) { transport in
                    await fanOut(over: targets, window: 6) { target -> Result<String?, any Error> in
                        do {
                            return .success(
                                try await transport.withSession(to: target) { session in
                                    try await session.hold(
                                        Command("id -u; cat >/dev/null", operation: "hold")
                                    ) { try await $0.nextLine(timeout: .seconds(20)) }
                                })
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                for line in lines { #expect(try line.get() == "0") }
                #expect(prompt.questions == ["sudo password"])
            }
        }

        private func nodes(_ count: Int, like target: SSHTarget) -> [SSHTarget] {
            (1...count).map { number in
                var other = target
                other.id = HostID("n\(number)")
                return other
            }
        }

        /// What as many nodes say to a wrong password at once.
        private func errors(
            of count: Int, _ kind: TransportKind, _ server: SSHServer, _ target: SSHTarget,
            identities: [String]
        ) async -> [RemoteError] {
            var options = server.options()
            options.askBecomePassword = true
            var like = target
            like.identities = identities
            let targets = nodes(count, like: like)
            let results = try? await withTransport(
                kind, options: options, prompt: CountingPrompt(answer: "wrong")
            ) { transport in
                await fanOut(over: targets, window: count) {
                    await transport.ask($0, Command("id", operation: "test", changes: true))
                }
            }
            return (results ?? []).compactMap { result in
                guard case .failure(let error) = result else { return nil }
                return error
            }
        }

        private func answer(
            _ kind: TransportKind, _ server: SSHServer, _ target: SSHTarget, _ command: Command,
            prompt: (any SecretPrompt)? = nil
        ) async throws -> CommandOutput {
            var options = server.options()
            options.askBecomePassword = prompt != nil
            return try await withTransport(kind, options: options, prompt: prompt ?? NoPrompt()) {
                transport in
                try await transport.ask(target, command).get()
            }
        }

        private func denied(
            _ kind: TransportKind, _ server: SSHServer, _ target: SSHTarget, prompt: (any SecretPrompt)? = nil
        ) async -> RemoteError? {
            var options = server.options()
            options.askBecomePassword = prompt != nil
            return await failure(
                kind, server, Command("id", operation: "test", changes: true), target: target,
                options: options,
                prompt: prompt ?? NoPrompt())
        }
    }
}

/// An sshd that knows the user `ops`, password `hop hop`, though this machine does not.
enum SudoServer {
    static var isPossible: Bool { unsafe getuid() == 0 && access("/usr/bin/sudo", X_OK) == 0 }

    static func with(
        sudoers: String, login: String = "PasswordAuthentication no",
        _ body: (SSHServer, SSHTarget) async throws -> Void
    ) async throws {
        try await SSHServer.with(
            options: [login], usesPAM: true,
            prelude: { directory in
                let hash = try await run("openssl", ["passwd", "-6", "hop hop"]).split(separator: "\n")[0]
                try write(
                    try read("/etc/passwd") + "ops:x:61234:61234::\(directory):/bin/sh\n",
                    to: directory + "/passwd",
                    mode: 0o644)
                try write(try read("/etc/group") + "ops:x:61234:\n", to: directory + "/group", mode: 0o644)
                try write(
                    try read("/etc/shadow") + "ops:\(hash):19000:0:99999:7:::\n", to: directory + "/shadow")
                try write(
                    "Defaults !fqdn\nroot ALL=(ALL) ALL\nops \(sudoers)\n", to: directory + "/sudoers",
                    mode: 0o440)
                // sshd reads the keys as the user who logs in.
                _ = unsafe chmod(directory, 0o755)
                _ = unsafe chmod(directory + "/authorized_keys", 0o644)
                let binds = ["passwd", "group", "shadow", "sudoers"].map {
                    "mount --bind \(directory)/\($0) /etc/\($0)"
                }
                return [
                    "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
                    binds.joined(separator: " && ") + " && exec \"$0\" \"$@\"",
                ]
            }
        ) { server in
            var target = server.target()
            target.user = "ops"
            try await body(server, target)
        }
    }
}
