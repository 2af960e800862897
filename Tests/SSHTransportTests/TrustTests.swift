import Glibc
import HaopsTestSupport
import Remote
import Subprocess
import SystemPackage
import Testing

@testable import SSHTransport

extension RealServerTests {
    /// What is read of whom to trust, and what is written there.
    @Suite
    struct TrustTests {
        /// A line of known_hosts for the server, with the public key in a file.
        private func line(_ server: SSHServer, _ key: String, marker: String = "") throws -> String {
            let fields = try read(server.directory + "/" + key + ".pub").split(separator: " ").prefix(2)
            return "\(marker)[127.0.0.1]:\(server.port) \(fields.joined(separator: " "))\n"
        }

        private func accepting(_ server: SSHServer) -> ConnectionOptions {
            var options = server.options()
            options.acceptNew = true
            return options
        }

        // MARK: - Read whole

        @Test(arguments: TransportKind.allCases)
        func `a changed or revoked key behind 16 MiB is refused, and nothing is added`(kind: TransportKind)
            async throws
        {
            try await SSHServer.with { server in
                try await makeKey(server.directory + "/other", kind: "ed25519")
                let comments = String(
                    repeating: "# " + String(repeating: "x", count: 198) + "\n", count: 85_000)
                for accepts in [false, true] {
                    let options = accepts ? accepting(server) : server.options()
                    try write(comments + line(server, "other"), to: server.knownHosts)
                    let size = fileSize(server.knownHosts)
                    let refusal = try require(await failure(kind, server, options: options), .changedHostKey)
                    #expect(refusal.detail.contains(":85001 "))
                    #expect(fileSize(server.knownHosts) == size)
                    try write(
                        comments + line(server, "host_ed25519", marker: "@revoked "), to: server.knownHosts)
                    _ = try require(await failure(kind, server, options: options), .revokedHostKey)
                }
                #expect(!server.log.contains("Accepted"))
            }
        }

        @Test(arguments: ["too large", "a directory", "a loop", "zeros"])
        func `a file of trust that cannot be read whole is an error with its name`(what: String) async throws
        {
            try await SSHServer.with { server in
                let file = server.directory + "/odd"
                let reason: String
                switch what {
                case "too large":
                    try write("", to: file)
                    _ = unsafe truncate(file, 65 << 20)
                    reason = "more than 64 MiB"
                case "a directory":
                    _ = unsafe mkdir(file, 0o700)
                    reason = String(errno: EISDIR)
                case "a loop":
                    _ = unsafe symlink(file, file)
                    reason = String(errno: ELOOP)
                default:
                    try write("# first\n\0\0\0\n", to: file)
                    reason = "line 2 has a zero byte"
                }
                for keyword in ["UserKnownHostsFile", "GlobalKnownHostsFile"] {
                    let other = keyword.hasPrefix("User") ? "GlobalKnownHostsFile" : "UserKnownHostsFile"
                    try write("\(keyword) \(file)\n\(other) \(server.knownHosts)\n", to: server.config)
                    var options = ConnectionOptions(sshConfig: server.config)
                    options.acceptNew = true
                    let refusal = try require(
                        await failure(.libssh2, server, options: options), .configuration)
                    #expect(
                        refusal.detail.contains(file) && refusal.detail.contains(reason), "\(refusal.detail)")
                }
                if what != "a directory" { _ = unsafe unlink(file) }
                #expect(!server.log.contains("Accepted"))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `--known-hosts that is a directory is an error, and one that is missing is empty`(
            kind: TransportKind
        ) async throws {
            try await SSHServer.with { server in
                var options = accepting(server)
                options.knownHosts = server.directory
                do {
                    try await withTransport(kind, options: options, prompt: NoPrompt()) { transport in
                        _ = try await transport.ask(server.target(), Command("true", operation: "test")).get()
                    }
                    Issue.record("not refused")
                } catch {
                    #expect("\(error)".contains(server.directory), "\(error)")
                }
                options.acceptNew = false
                options.knownHosts = server.directory + "/missing"
                _ = try require(await failure(kind, server, options: options), .unknownHostKey)
            }
        }

        @Test
        func `an ssh_config that cannot be read whole is an error with its name`() async throws {
            try await SSHServer.with { server in
                let loop = server.directory + "/loop"
                _ = unsafe symlink(loop, loop)
                var options = server.options()
                options.sshConfig = server.config
                for (text, file) in [
                    ("Include \"\(loop)\"\n", loop), ("Include \(server.directory)\n", server.directory),
                    ("Include \(server.config)\n", server.config),
                ] {
                    try write(text, to: server.config)
                    let refusal = try require(
                        await failure(.libssh2, server, options: options), .configuration)
                    #expect(refusal.detail.contains("\(file) cannot be read whole"), "\(refusal.detail)")
                }
                try write("Include \(server.directory)/missing\n", to: server.config)
                #expect(await failure(.libssh2, server, options: options) == nil)
                _ = unsafe unlink(loop)
            }
        }

        @Test
        func `a key file that cannot be read whole is named`() async throws {
            try await SSHServer.with { server in
                let key = server.key("large")
                try write("", to: key)
                _ = unsafe truncate(key, 2 << 20)
                try await run("mkdir", [server.key("folder")])
                let target = server.target(identities: [key, server.key("folder"), server.key("missing")])
                let refusal = try require(
                    await failure(.libssh2, server, target: target), .authenticationFailed)
                #expect(
                    refusal.detail == "tried \(key) (it has more than 1 MiB), "
                        + "\(server.key("folder")) (\(String(errno: EISDIR))), "
                        + "\(server.key("missing")) (\(String(errno: ENOENT)))")
            }
        }

        // MARK: - Revoked, changed, certified

        /// What known_hosts has, and whether the host may be logged in to. Where it may not, the file stays as it was.
        struct Case: Sendable {
            var what: String
            var lines: @Sendable (SSHServer, (String, String) throws -> String) throws -> String
            var isKnown = false
        }

        static let cases = [
            Case(what: "the key that ssh asks for first is revoked") {
                try $1("@revoked ", "host_ed25519")
            },
            Case(what: "another of its keys is revoked") { try $1("@revoked ", "host_ecdsa") },
            Case(what: "a key that it had is revoked") { try $1("@revoked ", "other") },
            Case(what: "revoked, with carriage returns") {
                try "# x\r\n" + $1("@revoked ", "host_ed25519").replacing("\n", with: "\r\n")
            },
            Case(what: "revoked for the name without its port") {
                try $1("@revoked ", "host_ed25519").replacing("[127.0.0.1]:\($0.port)", with: "127.0.0.1")
            },
            Case(what: "revoked everywhere") {
                try $1("@revoked ", "host_ecdsa").replacing("[127.0.0.1]:\($0.port)", with: "*")
            },
            Case(what: "what is revoked cannot be read") { server, _ in
                "@revoked [127.0.0.1]:\(server.port) ssh-ed25519 AAAA\n"
            },
            Case(what: "changed, and a key of another kind is known") {
                try $1("", "host_ecdsa") + $1("", "other")
            },
            Case(what: "changed, with carriage returns") {
                try "# x\r\n" + $1("", "other").replacing("\n", with: "\r\n")
            },
            Case(what: "an authority only") { try $1("@cert-authority ", "other") },
            Case(
                what: "one key revoked, another known",
                lines: { try $1("@revoked ", "host_ed25519") + $1("", "host_ecdsa") }, isKnown: true),
            Case(
                what: "the other one revoked, the first known",
                lines: { try $1("@revoked ", "host_ecdsa") + $1("", "host_ed25519") }, isKnown: true),
            Case(
                what: "known, with carriage returns",
                lines: { try "# x\r\n" + $1("", "host_ed25519").replacing("\n", with: "\r\n") }, isKnown: true
            ),
        ]

        @Test
        func `haops trusts no host that ssh does not trust`() async throws {
            try await SSHServer.with(hostKeys: ["ed25519", "ecdsa"]) { server in
                try await makeKey(server.directory + "/other", kind: "ed25519")
                for test in Self.cases {
                    let text = try test.lines(server) { try line(server, $1, marker: $0) }
                    for accepts in [false, true] {
                        try write(text, to: server.knownHosts)
                        let logins = server.log.ranges(of: "Accepted").count
                        let error = await failure(
                            .libssh2, server, options: accepts ? accepting(server) : server.options())
                        #expect((error == nil) == test.isKnown, "\(test.what): \(String(describing: error))")
                        #expect((server.log.ranges(of: "Accepted").count > logins) == test.isKnown)
                        #expect(error?.kind != .unknownHostKey, "\(test.what): called unknown")
                        #expect(try read(server.knownHosts) == text)
                    }
                    // The system's own word: it may be laxer where a host is accepted at first sight, never stricter.
                    let own = await sshLogsIn(server)
                    #expect(own || !test.isKnown, "\(test.what): ssh refuses")
                }
            }
        }

        /// Whether the system's ssh logs in, accepting hosts that are new.
        private func sshLogsIn(_ server: SSHServer) async -> Bool {
            let options = [
                "BatchMode=yes", "StrictHostKeyChecking=accept-new",
                "UserKnownHostsFile=\(server.knownHosts)",
                "GlobalKnownHostsFile=/dev/null",
            ]
            let words = ["-F", "none", "-i", server.key("ed25519"), "-p", "\(server.port)"]
            let login = words + options.flatMap { ["-o", $0] } + ["\(currentUser())@127.0.0.1", "true"]
            return (try? await run("ssh", login)) != nil
        }

        @Test
        func `a key revoked everywhere keeps no other host from being accepted`() async throws {
            try await SSHServer.with { server in
                try await makeKey(server.directory + "/other", kind: "ed25519")
                let revoked = try line(server, "other", marker: "@revoked ")
                try write(
                    revoked.replacing("[127.0.0.1]:\(server.port)", with: "*"), to: server.knownHosts)
                #expect(await failure(.libssh2, server, options: accepting(server)) == nil)
                #expect(try read(server.knownHosts).split(separator: "\n").count == 2)
            }
        }

        @Test
        func `a user's list that is none does not stand for the usual one`() async throws {
            try await SSHServer.with { server in
                try write("GlobalKnownHostsFile \(server.knownHosts)\n", to: server.config)
                let options = ConnectionOptions(sshConfig: server.config)
                #expect(await failure(.libssh2, server, options: options) == nil)
                try write("UserKnownHostsFile \(server.knownHosts)\n", to: server.config)
                #expect(await failure(.libssh2, server, options: options) == nil)
                try write(
                    "UserKnownHostsFile none\nGlobalKnownHostsFile none\n", to: server.config)
                _ = try require(await failure(.libssh2, server, options: options), .unknownHostKey)
            }
        }

        @Test
        func `the address of a name is looked for as well where CheckHostIP wants it`() async throws {
            try await SSHServer.with { server in
                try await makeKey(server.directory + "/other", kind: "ed25519")
                let name = try line(server, "host_ed25519").replacing("127.0.0.1", with: "localhost")
                for marker in ["", "@revoked "] {
                    let key = marker.isEmpty ? "other" : "host_ed25519"
                    try write(name + line(server, key, marker: marker), to: server.knownHosts)
                    var options = server.options()
                    options.sshConfig = server.config
                    let target = server.target(host: "localhost")
                    try write("AddressFamily inet\nCheckHostIP no\n", to: server.config)
                    #expect(await failure(.libssh2, server, target: target, options: options) == nil)
                    try write("AddressFamily inet\nCheckHostIP yes\n", to: server.config)
                    let refusal = try require(
                        await failure(.libssh2, server, target: target, options: options), .changedHostKey)
                    #expect(refusal.reason.contains("by its address 127.0.0.1"))
                }
            }
        }

        // MARK: - Written whole

        @Test
        func `two runs that add keys at once lose none and write whole lines`() async throws {
            try await SSHServer.with { server in
                // The last line has no newline.
                try write("# mine", to: server.knownHosts)
                try write("IdentityFile \(server.key("ed25519"))\nIdentitiesOnly yes\n", to: server.config)
                @Sendable func haops(_ addresses: ClosedRange<Int>) async throws -> TerminationStatus {
                    let nodes = addresses.map { "\(currentUser())@127.0.3.\($0):\(server.port)" }
                    let run = try await Subprocess.run(
                        .path(FilePath(LabFixture.haops)),
                        arguments: [
                            "exec", "--nodes", nodes.joined(separator: ","), "-F", server.config,
                            "--known-hosts",
                            server.knownHosts, "--accept-new", "--yes", "--", "true",
                        ], output: .discarded, error: .string(limit: 1 << 20))
                    #expect(run.terminationStatus == .exited(0), "\(run.standardError)")
                    return run.terminationStatus
                }
                // Some are met by both.
                async let first = haops(1...30)
                async let second = haops(16...45)
                _ = try await (first, second)
                let text = try read(server.knownHosts)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.first == "# mine" && lines.last == "")
                let known = try line(server, "host_ed25519").dropLast()
                let wanted = (1...45).map { known.replacing("127.0.0.1", with: "127.0.3.\($0)") }
                #expect(lines.dropFirst().dropLast().sorted() == wanted.sorted())
            }
        }

        @Test
        func `a new known_hosts and its directory are the user's own`() async throws {
            try await SSHServer.with { server in
                var options = accepting(server)
                options.knownHosts = server.directory + "/.ssh/known_hosts"
                let mask = umask(0)
                let error = await failure(.libssh2, server, options: options)
                umask(mask)
                #expect(error == nil)
                #expect(mode(server.directory + "/.ssh") == 0o700)
                #expect(mode(server.directory + "/.ssh/known_hosts") == 0o600)
                let line = try line(server, "host_ed25519")
                #expect(try read(server.directory + "/.ssh/known_hosts") == line)
            }
        }

        private func mode(_ path: String) -> mode_t {
            var status = stat()
            _ = unsafe stat(path, &status)
            return status.st_mode & 0o777
        }

        @Test
        func `a line that does not fit on the disk leaves none of itself behind`() async throws {
            // In a process of its own, whose files may not grow.
            await #expect(processExitsWith: .success) {
                let directory = try makeTemporaryDirectory()
                defer { removeDirectory(directory) }
                let file = directory + "/known_hosts"
                try write("# mine\n", to: file)
                _ = signal(SIGXFSZ, SIG_IGN)
                var limit = rlimit(rlim_cur: 20, rlim_max: 20)
                guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else {
                    exit(2)
                }
                let line = "host ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n"
                guard case .failure(.system) = appendLocked(line, to: file, if: { _ in true }) else {
                    exit(3)
                }
                guard try read(file) == "# mine\n" else { exit(4) }
            }
        }

        @Test
        func `a line goes to the file that took the place of the one that was waited for`() async throws {
            let directory = try makeTemporaryDirectory()
            defer { removeDirectory(directory) }
            let file = directory + "/known_hosts"
            try write("a b c\n", to: file)
            let held = unsafe open(file, O_RDONLY | O_CLOEXEC)
            defer { close(held) }
            #expect(flock(held, LOCK_EX) == 0)
            async let written = Task.detached { appendLocked("d e f\n", to: file, if: { _ in true }) }.value
            // As `ssh-keygen -R` does it, while the other waits for the lock.
            try await poll("the lock is waited for") {
                (try? read("/proc/locks"))?.split(separator: "\n").contains { $0.contains("->") } == true
            }
            try write("g h i\n", to: file + ".new")
            #expect(unsafe rename(file + ".new", file) == 0)
            #expect(flock(held, LOCK_UN) == 0)
            #expect(await written == .success(2))
            #expect(try read(file) == "g h i\nd e f\n")
        }
    }
}
