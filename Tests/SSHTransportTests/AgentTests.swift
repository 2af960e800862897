import Glibc
import Reactor
import Testing

@testable import SSHTransport

extension RealServerTests {
    /// What a run remembers of its agent.
    @Suite
    struct AgentTests {
        @Test
        func `an agent that was not quick enough for one machine still serves the next`() async throws {
            let directory = try makeTemporaryDirectory()
            defer { removeDirectory(directory) }
            let socket = directory + "/agent"
            let daemon = try Daemon(["/usr/bin/ssh-agent", "-D", "-a", socket])
            try await poll("the agent listens") { unsafe access(socket, F_OK) == 0 }
            try await makeKey(directory + "/key", kind: "ed25519")
            try await run("/bin/sh", ["-c", "SSH_AUTH_SOCK=\(socket) ssh-add -q \(directory)/key"])
            let reactor = try Reactor()
            defer { reactor.shutdown() }
            let agent = Agent(path: socket, reactor: reactor)

            kill(daemon.processID, SIGSTOP)
            #expect(await agent.identities(until: .now + .milliseconds(20)).isEmpty)
            kill(daemon.processID, SIGCONT)
            #expect(await agent.identities(until: .now + .seconds(30)).map(\.comment) == ["test"])
            await daemon.stop()
            // An answer is kept: nobody is there any more to give another.
            #expect(await agent.identities(until: .now + .seconds(30)).map(\.comment) == ["test"])
        }
    }
}
