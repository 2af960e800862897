import Reactor
import Rollout

extension LocalProbes {
    /// Runs `body` with the probes of this machine: pings by its own sockets where that is allowed, else by `ping`.
    ///
    /// - Throws: what `body` throws.
    static func ofThisMachine<Result>(_ body: (LocalProbes) async throws -> Result) async throws -> Result {
        let lines: Lines = { try await LocalShell.lines(of: $0, $1) }
        guard EchoSocket.isAllowed, let reactor = try? Reactor() else {
            return try await body(LocalProbes(lines: lines))
        }
        defer { reactor.shutdown() }
        return try await body(
            LocalProbes(lines: lines) { address, interval, each in
                let socket: EchoSocket
                do {
                    socket = try EchoSocket(to: address)
                } catch let error as ReactorError where error.call == "connect" {
                    // Without a route nobody answers.
                    return
                }
                try await socket.ask(every: interval, on: reactor) {
                    each(ProbeAnswer(number: $0.number, sent: $0.sent, received: $0.received))
                }
            })
    }
}
