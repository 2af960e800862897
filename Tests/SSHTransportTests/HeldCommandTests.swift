import Glibc
import Remote
import SSHTransport
import Testing

extension RealServerTests {
    /// Commands that stay, over each transport.
    @Suite
    struct HeldCommandTests {
        @Test(arguments: TransportKind.allCases)
        func `a held command is followed line by line and ends with its input`(kind: TransportKind)
            async throws
        {
            try await SSHServer.with { server in
                let mark = server.directory + "/ended"
                let lines = try await withTransport(kind, options: server.options(), prompt: NoPrompt()) {
                    transport in
                    try await transport.withSession(to: server.target()) { session in
                        try await session.hold(
                            Command("echo one; echo two; cat >/dev/null; touch \(mark)", operation: "hold")
                        ) { held in
                            let lines = [
                                try await held.nextLine(timeout: .seconds(10)),
                                try await held.nextLine(timeout: .seconds(10)),
                            ]
                            #expect(fileSize(mark) == nil)
                            return lines
                        }
                    }
                }
                #expect(lines == ["one", "two"])
                try await poll("the command ends") { fileSize(mark) != nil }
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `a line that does not come in time does not end the command`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let go = server.directory + "/go"
                let script =
                    "echo first; while [ ! -e \(go) ]; do sleep 0.05; done; echo second; cat >/dev/null"
                try await withTransport(kind, options: server.options(), prompt: NoPrompt()) { transport in
                    try await transport.withSession(to: server.target()) { session in
                        try await session.hold(Command(script, operation: "hold")) { held in
                            let line1 = try await held.nextLine(timeout: .seconds(10))
                            #expect(line1 == "first")
                            await #expect(throws: RemoteError.self) {
                                _ = try await held.nextLine(timeout: .milliseconds(200))
                            }
                            try write("", to: go)
                            let line2 = try await held.nextLine(timeout: .seconds(10))
                            #expect(line2 == "second")
                        }
                    }
                }
            }
        }

        @Test(arguments: TransportKind.allCases)
        func `the last line needs no newline, and then there is none`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                try await withTransport(kind, options: server.options(), prompt: NoPrompt()) { transport in
                    try await transport.withSession(to: server.target()) { session in
                        try await session.hold(Command("printf 'a\\nb'", operation: "hold")) { held in
                            let line3 = try await held.nextLine(timeout: .seconds(10))
                            #expect(line3 == "a")
                            let line4 = try await held.nextLine(timeout: .seconds(10))
                            #expect(line4 == "b")
                            let line5 = try await held.nextLine(timeout: .seconds(10))
                            #expect(line5 == nil)
                        }
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: TransportKind.allCases)
        func `when the connection dies, a held command's input ends with it`(kind: TransportKind) async throws
        {
            try await SSHServer.with { server in
                let mark = server.directory + "/ended"
                await #expect(throws: RemoteError.self) {
                    try await withTransport(kind, options: server.options(), prompt: NoPrompt()) {
                        transport in
                        try await transport.withSession(to: server.target()) { session in
                            try await session.hold(
                                Command("echo ready; cat >/dev/null; touch \(mark)", operation: "hold")
                            ) { held in
                                let line6 = try await held.nextLine(timeout: .seconds(10))
                                #expect(line6 == "ready")
                                for child in directChildren(of: server.processID) { kill(child, SIGKILL) }
                                _ = try await held.nextLine(timeout: .seconds(10))
                            }
                        }
                    }
                }
                try await poll("the command ends") { fileSize(mark) != nil }
            }
        }

        @Test(
            .timeLimit(.minutes(5)), arguments: TransportKind.allCases, ["tr '\\0' x </dev/zero", "yes >&2"])
        func `a line without an end ends a held command`(kind: TransportKind, script: String) async throws {
            try await SSHServer.with { server in
                try await withTransport(kind, options: server.options(), prompt: NoPrompt()) { transport in
                    try await transport.withSession(to: server.target()) { session in
                        let command = Command(
                            "echo first; (sleep 0.2; \(script)) & cat >/dev/null", operation: "hold",
                            outputLimit: 1 << 20)
                        try await session.hold(command) { held in
                            let first = try await held.nextLine(timeout: .seconds(10))
                            #expect(first == "first")
                            // What it says on standard error is nobody's, however much.
                            let isSilent = script.hasSuffix(">&2")
                            let error = await #expect(throws: RemoteError.self) {
                                _ = try await held.nextLine(timeout: isSilent ? .seconds(2) : .seconds(600))
                            }
                            #expect(
                                error
                                    == (isSilent
                                        ? .timedOut(
                                            host: HostID("node"), operation: "hold", after: .seconds(2),
                                            changes: false)
                                        : .overflowed(
                                            host: HostID("node"), operation: "hold", limit: 1 << 20,
                                            changes: false)))
                        }
                    }
                }
            }
        }
    }
}
