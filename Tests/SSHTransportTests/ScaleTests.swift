import Glibc
import Remote
import SSHTransport
import Testing

extension RealServerTests {
    /// Many sessions, few resources.
    @Suite
    struct ScaleTests {
        @Test(.timeLimit(.minutes(3)))
        func `two hundred machines answer through a window of 64`()
            async throws
        {
            try await SSHServer.with { server in
                var options = server.options()
                options.requestedConnectTimeout = .seconds(60)
                try write(
                    (1...200).map { "[127.0.2.\($0)]:\(server.port) \(try hostKeyLine(server))\n" }.joined(),
                    to: server.knownHosts)
                let targets = (1...200).map { server.target("n\($0)", host: "127.0.2.\($0)") }
                let results = try await withTransport(.libssh2, options: options, prompt: NoPrompt()) {
                    transport in
                    await fanOut(over: targets, window: 64) {
                        await transport.ask($0, Command("echo hello", operation: "test"))
                    }
                }
                for result in results { #expect(try result.get().text == "hello\n") }
            }
        }

        @Test
        func `out of descriptors: the message has the numbers`() async throws {
            // In a process of its own, whose limit can be lowered without harm.
            await #expect(processExitsWith: .success) {
                try await SSHServer.with { server in
                    var limit = rlimit(rlim_cur: 24, rlim_max: 24)
                    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
                        exit(2)
                    }
                    let targets = (1...40).map { server.target("n\($0)") }
                    let results = try await withTransport(
                        .libssh2, options: server.options(), prompt: NoPrompt()
                    ) { transport in
                        await fanOut(over: targets, window: 40) {
                            await transport.ask($0, Command("sleep 0.2", operation: "test"))
                        }
                    }
                    let causes = results.compactMap { result -> String? in
                        guard case .failure(let error) = result, error.kind == .localLimit else { return nil }
                        return error.detail
                    }
                    guard let cause = causes.first, cause.contains("soft limit 24, hard limit 24"),
                        cause.contains("256 wanted")
                    else { exit(3) }
                }
            }
        }
    }
}

private func hostKeyLine(_ server: SSHServer) throws -> String {
    try read(server.directory + "/host_ed25519.pub").split(separator: " ").prefix(2).joined(separator: " ")
}
