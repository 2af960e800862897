package import Facts
import Remote
package import Timeline

/// What a node said, and how far its clock is ahead of the one here.
package struct TimedAnswer: Sendable {
    /// `nil` where the clocks could not be compared.
    package var clock: ClockOffset?
    package var facts: HostFacts

    package init(clock: ClockOffset? = nil, facts: HostFacts) {
        self.clock = clock
        self.facts = facts
    }
}

extension SurveyContext {
    /// Compares the nodes' clocks with the one here and asks for facts, in one session each.
    ///
    /// - `operation`: for the errors of commands: "read logs".
    /// - Throws: `InterruptedQuestion`.
    func timedQuestion(
        _ targets: [SSHTarget], _ what: String, _ facts: [any Fact], operation: String
    ) async throws(InterruptedQuestion) -> [HostID: Result<TimedAnswer, RemoteError>] {
        let probe = Probe(facts)
        let transport = transport
        return try await question(targets, what) { target in
            let (command, marker) = probe.command(operation: operation)
            do {
                return .success(
                    try await transport.withSession(to: target) { session in
                        let clock = try? await ClockComparison.offset(of: session)
                        let output = try await session.run(command)
                        return TimedAnswer(
                            clock: clock ?? nil,
                            facts: probe.facts(of: target.id, from: output.stdout, marker: marker))
                    })
            } catch let error as RemoteError {
                return .failure(error)
            } catch {
                return .failure(.cancelled(host: target.id, operation: command.operation, changes: false))
            }
        }
    }
}
