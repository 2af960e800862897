import Remote
import Testing

@testable import SSHTransport

extension RealServerTests {
    /// A held command that is told lines while it runs, as a lock is told that its holder is there.
    @Suite struct HeldInputTests {
        @Test(.timeLimit(.minutes(5)), arguments: TransportKind.allCases)
        func `a held command reads what it is told, and says what it has read`(kind: TransportKind)
            async throws
        {
            try await SSHServer.with { server in
                let heard = try await withTransport(kind, options: server.options(), prompt: NoPrompt()) {
                    transport in
                    try await transport.withSession(to: server.target()) { session in
                        let script = "echo ready; while read -r line; do echo \"heard $line\"; done"
                        return try await session.hold(Command(script, operation: "hold")) { held in
                            var heard = [try await held.nextLine(timeout: .seconds(10))]
                            for number in 1...3 {
                                try await held.tell("beat \(number)")
                                heard.append(try await held.nextLine(timeout: .seconds(10)))
                            }
                            return heard
                        }
                    }
                }
                #expect(heard == ["ready", "heard beat 1", "heard beat 2", "heard beat 3"])
            }
        }

        /// Lines that are told and lines that are waited for cross each other.
        @Test(.timeLimit(.minutes(5)), arguments: TransportKind.allCases)
        func `what is told while a line is waited for arrives`(kind: TransportKind) async throws {
            try await SSHServer.with { server in
                let answer = try await withTransport(kind, options: server.options(), prompt: NoPrompt()) {
                    transport in
                    try await transport.withSession(to: server.target()) { session in
                        let script = "echo ready; read -r line; echo \"heard $line\"; cat >/dev/null"
                        return try await session.hold(Command(script, operation: "hold")) { held in
                            _ = try await held.nextLine(timeout: .seconds(10))
                            async let answer = held.nextLine(timeout: .seconds(20))
                            try await held.tell("beat")
                            return try await answer
                        }
                    }
                }
                #expect(answer == "heard beat")
            }
        }
    }
}
