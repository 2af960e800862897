import Glibc
import Remote
import SSHTransport
import Testing

extension RealServerTests {
    /// One login, many questions: counted by the server itself.
    @Suite struct SessionTests {
        private static let kinds = TransportKind.allCases

        private func logins(_ server: SSHServer) -> Int {
            server.log.split(whereSeparator: \.isNewline).count { $0.contains("Accepted publickey") }
        }

        @Test(arguments: kinds)
        func `many questions to a machine are one login`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let texts = try await withTransport(kind, options: server.options(), prompt: NoPrompt()) {
                    transport in
                    var texts: [String] = []
                    for number in 1...10 {
                        let command = Command("echo \(number); exit \(number % 2)", operation: "count")
                        texts.append(try await transport.ask(server.target(), command).get().text)
                    }
                    return texts
                }
                #expect(texts == (1...10).map { "\($0)\n" })
                #expect(logins(server) == 1)
            }
        }

        @Test(arguments: kinds)
        func `a held command has a login of its own beside the questions, which go on`(kind: TransportKind)
            async throws
        {
            try await SSHServer.with { server in
                try await withTransport(kind, options: server.options(), prompt: NoPrompt()) { transport in
                    let lines = try await transport.withSession(to: server.target()) { session in
                        let command = Command(
                            "while read -r line; do echo \"$line\"; done", operation: "hold")
                        return try await session.hold(command) { held in
                            var heard: [String] = []
                            try await held.tell("1")
                            for try await line in held.lines(timeout: .seconds(20)) {
                                heard.append(line)
                                let answer = await transport.ask(
                                    server.target(), Command("echo in between", operation: "ask"))
                                #expect(try answer.get().text == "in between\n")
                                if heard.count == 3 { break }
                                try await held.tell("\(heard.count + 1)")
                            }
                            return heard
                        }
                    }
                    #expect(lines == ["1", "2", "3"])
                }
                #expect(logins(server) == 2)
            }
        }

        @Test(arguments: kinds)
        func `a session that the server closed is opened anew`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                try await withTransport(kind, options: server.options(), prompt: NoPrompt()) { transport in
                    let ask = Command("echo here", operation: "ask")
                    _ = try await transport.ask(server.target(), ask).get()
                    for child in children(of: server.processID) { kill(child, SIGKILL) }
                    #expect(try await transport.ask(server.target(), ask).get().text == "here\n")
                }
                #expect(logins(server) == 2)
            }
        }

        @Test(arguments: kinds)
        func `a change whose session is cut is not made a second time`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let log = server.directory + "/changes"
                try await withTransport(kind, options: server.options(), prompt: NoPrompt()) { transport in
                    let ask = Command("echo here", operation: "ask")
                    _ = try await transport.ask(server.target(), ask).get()
                    // The shell's parents are the processes of this connection.
                    let change = Command(
                        "echo changed >>'\(log)'; p=$PPID; while [ \"$p\" != \(server.processID) ]; do q=$p; set -- $(cat /proc/$p/stat); p=$4; kill -9 $q; done; read -r never",
                        operation: "change", changes: true)
                    guard case .failure(let error) = await transport.ask(server.target(), change) else {
                        Issue.record("the connection was not cut")
                        return
                    }
                    #expect(!error.outcomeIsKnown)
                    _ = try await transport.ask(server.target(), ask).get()
                }
                #expect(try read(log) == "changed\n")
                #expect(logins(server) == 2)
            }
        }

        @Test
        func `an idle session shows a sign of life, and one whose peer is stopped does not`() async throws {
            try await SSHServer.with { server in
                try await withConnector(.libssh2, options: server.options(), prompt: NoPrompt()) {
                    connector in
                    let session = try await connector.connect(to: server.target())
                    _ = try await session.run(Command("true", operation: "ask"))
                    for _ in 0..<3 { #expect(await session.isAlive(within: .seconds(20))) }
                    #expect(try await session.run(Command("echo on", operation: "ask")).text == "on\n")
                    let other = try await connector.connect(to: server.target())
                    // What sshd sends by itself behind a login would be a sign of life.
                    _ = try await other.run(Command("true", operation: "ask"))
                    let processes = children(of: server.processID)
                    for process in processes { kill(process, SIGSTOP) }
                    #expect(await !other.isAlive(within: .milliseconds(300)))
                    #expect(await !other.isUsable)
                    for process in processes { kill(process, SIGCONT) }
                    await other.close()
                    await session.close()
                }
            }
        }
    }
}
