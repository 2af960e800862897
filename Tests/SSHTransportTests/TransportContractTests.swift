import Glibc
import Remote
import SSHTransport
import Testing

extension RealServerTests {
    /// What every transport does, asked of each of them against a real sshd.
    @Suite
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

        @Test(arguments: TransportKind.allCases)
        func `exit 255 is a status like any other`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let output = try await ask(kind, server, Command("exit 255", operation: "test"))
                #expect(output.status == .code(255))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a deadly signal keeps its name`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let output = try await ask(kind, server, Command("kill -TERM $$", operation: "test"))
                #expect(output.status == .signal("TERM"))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `quotes, newlines and dollars reach the shell as written`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let script = "x='it'\\''s $HOME'\nprintf '%s\\n' \"$x\" '\"$y\"' `echo z`"
                let output = try await ask(kind, server, Command(script, operation: "test"))
                #expect(output.text == "it's $HOME\n\"$y\"\nz\n")
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `every byte value passes both ways`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let bytes = (0..<1024).map { UInt8(truncatingIfNeeded: $0) }
                let output = try await ask(kind, server, Command("cat", operation: "test", input: bytes))
                #expect(output.stdout == bytes)
            }
        }

        @Test(.timeLimit(.minutes(3)), arguments: TransportKind.allCases)
        func `a hundred megabytes pass both ways at once`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                var bytes = [UInt8](repeating: 0, count: 100 << 20)
                for index in stride(from: 0, to: bytes.count, by: 997) {
                    bytes[index] = UInt8(truncatingIfNeeded: index / 997 &* 31)
                }
                let output = try await ask(
                    kind, server,
                    Command(
                        "cat", operation: "test", input: bytes, timeout: .seconds(120),
                        outputLimit: bytes.count))
                #expect(output.stdout.count == bytes.count)
                #expect(output.stdout == bytes)
                #expect(output.status == .code(0))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `large outputs on both streams do not block each other`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let script =
                    "head -c 5000000 /dev/zero >&2; head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2"
                let output = try await ask(
                    kind, server, Command(script, operation: "test", outputLimit: 15_000_000))
                #expect(output.stdout.count == 5_000_000)
                #expect(output.stderr.count == 10_000_000)
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `input is delivered whole to a command that has closed its outputs`(kind: TransportKind)
            async throws
        {
            try await SSHServer.with { server in
                let file = server.directory + "/received"
                let bytes = [UInt8](repeating: 7, count: 8 << 20)
                let output = try await ask(
                    kind, server, Command("exec >&- 2>&-; cat > \(file)", operation: "test", input: bytes))
                #expect(output.status == .code(0))
                #expect(fileSize(file) == bytes.count)
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a command that does not read its input still ends`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let bytes = [UInt8](repeating: 7, count: 8 << 20)
                let output = try await ask(kind, server, Command("exit 4", operation: "test", input: bytes))
                #expect(output.status == .code(4))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `commands of one session run one after the other`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let texts = try await withTransport(kind, options: server.options(), prompt: NoPrompt()) {
                    transport in
                    try await transport.withSession(to: server.target()) { session in
                        var texts: [String] = []
                        for number in 1...3 {
                            texts.append(
                                try await session.run(Command("echo \(number)", operation: "test")).text)
                        }
                        return texts
                    }
                }
                #expect(texts == ["1\n", "2\n", "3\n"])
            }
        }

        // MARK: - Ends that are none

        @Test(arguments: TransportKind.allCases)
        func `a change that does not end in time leaves its outcome unknown`(kind: TransportKind) async throws
        {
            try await SSHServer.with { server in
                let command = Command(
                    "sleep 60", operation: "sleep", changes: true, timeout: .milliseconds(400))
                let error = await failure(kind, server, command)
                #expect(
                    error
                        == .timedOut(
                            host: HostID("node"), operation: "sleep", after: .milliseconds(400), changes: true
                        ))
                #expect(error?.outcomeIsKnown == false)
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a question that does not end in time is no unknown outcome`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let error = await failure(
                    kind, server, Command("sleep 60", operation: "sleep", timeout: .milliseconds(400)))
                #expect(error?.outcomeIsKnown == true)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: TransportKind.allCases)
        func `a connection cut in the middle of a change is said to be lost`(kind: TransportKind) async throws
        {
            try await SSHServer.with { server in
                let mark = server.directory + "/started"
                async let cut: Void = {
                    try await poll("the command runs") { fileSize(mark) != nil }
                    for child in children(of: server.processID) { kill(child, SIGKILL) }
                }()
                let error = await failure(
                    kind, server, Command("touch \(mark); exec sleep 60", operation: "sleep", changes: true))
                try await cut
                let refusal = try require(error, .connectionLost(.unknown))
                #expect(refusal.operation == .run("sleep"))
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: TransportKind.allCases)
        func `cancelling ends a running command at once`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let mark = server.directory + "/started"
                let result = await withTaskGroup(of: RemoteError?.self) { group in
                    group.addTask {
                        await failure(
                            kind, server,
                            Command(
                                "touch \(mark); exec sleep 600", operation: "sleep", changes: true,
                                timeout: .seconds(600)))
                    }
                    try? await poll("the command runs") { fileSize(mark) != nil }
                    group.cancelAll()
                    return await group.next() ?? nil
                }
                #expect(result == .cancelled(host: HostID("node"), operation: "sleep", changes: true))
            }
        }

        /// The command's own time is ten minutes: nothing but the bound ends it within the test's.
        @Test(
            .timeLimit(.minutes(5)), arguments: TransportKind.allCases,
            [
                "yes", "yes >&2", "yes >&2 & yes",
                "head -c 900000 /dev/zero; head -c 900000 /dev/zero >&2; sleep 20",
            ])
        func `what prints without end is cut off, and unknown`(kind: TransportKind, script: String)
            async throws
        {
            try await SSHServer.with { server in
                for changes in [false, true] {
                    let command = Command(
                        script, operation: "print", changes: changes, timeout: .seconds(600),
                        outputLimit: 1 << 20)
                    let error = await failure(kind, server, command)
                    #expect(
                        error
                            == .overflowed(
                                host: HostID("node"), operation: "print", limit: 1 << 20, changes: changes))
                    #expect(error?.outcomeIsKnown == !changes)
                    #expect(
                        error?.description
                            == "`node`: cannot print: it printed more than 1 MiB\(changes ? ", outcome unknown" : "")"
                    )
                }
                try await poll("nothing is left behind on the machine") {
                    children(of: server.processID).isEmpty
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: TransportKind.allCases)
        func `what fits is kept of a command that wants it`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let output = try await ask(
                    kind, server,
                    Command(
                        "echo error >&2; exec yes", operation: "print", changes: true, timeout: .seconds(600),
                        outputLimit: 1 << 20, overflow: .cuts))
                #expect(output.status == .cut(at: 1 << 20))
                #expect(output.stdout.count + output.stderr.count == 1 << 20)
                #expect(output.text.hasPrefix("y\ny\n"))
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: TransportKind.allCases)
        func `an answer as long as may be is whole`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let output = try await ask(
                    kind, server,
                    Command("head -c 65536 /dev/zero", operation: "print", outputLimit: 65536))
                #expect(output.stdout.count == 65536 && output.status == .code(0))
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `nothing listens: unreachable`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                var target = server.target()
                target.port = try freePort()
                let refusal = try require(await failure(kind, server, target: target), .unreachable)
                #expect(refusal.detail.contains("refused"))
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: TransportKind.allCases)
        func `a server that never speaks: the connect timeout holds`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let silent = try SilentListener()
                defer { silent.close() }
                var target = server.target()
                target.port = silent.port
                var options = server.options()
                options.requestedConnectTimeout = .seconds(1)
                _ = try require(
                    await failure(kind, server, target: target, options: options), .timedOut(.known))
            }
        }
    }
}
