import Remote
import Synchronization
import Testing

@testable import SSHTransport

/// Who gets to see a password that may be wrong.
@Suite
struct SharedPasswordTests {
    @Test
    func `a refused password is shown to nobody else`() async throws {
        let password = SharedPassword { "wrong" }
        guard case .trial("wrong", let trial) = await password.turn() else { throw TestFailure("no trial") }
        async let others = withTaskGroup(of: String?.self) { group in
            for _ in 1...8 {
                group.addTask {
                    guard case .refused(let machine) = await password.turn() else { return nil }
                    return machine
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        trial.refused(by: "lb1")
        #expect(await others == Array(repeating: "lb1", count: 8))
    }

    @Test
    func `an accepted password is shown to all, and one refusal later changes nothing`() async throws {
        let password = SharedPassword { "right" }
        guard case .trial(_, let trial) = await password.turn() else { throw TestFailure("no trial") }
        trial.accepted()
        trial.refused(by: "the same machine, which has spoken already")
        for _ in 1...3 {
            guard case .proven("right") = await password.turn() else { throw TestFailure("not proven") }
        }
    }

    @Test
    func `where the first machine gives no verdict the next one makes the trial`() async throws {
        let password = SharedPassword { "unknown" }
        for _ in 1...3 {
            // The machine was lost: whoever held the trial is gone.
            guard case .trial = await password.turn() else { throw TestFailure("no trial") }
        }
    }

    @Test
    func `what is waited for another machine is not the command's time`() async throws {
        let limit = Duration.milliseconds(20)
        let work: @Sendable () async throws -> String = {
            try await Task.sleep(for: .milliseconds(200))
            return "answer"
        }
        guard case .success("answer") = await timed(limit, excused: { .seconds(30) }, work) else {
            throw TestFailure("it was not given its time back")
        }
        guard case .failure(.deadline) = await timed(limit, work) else { throw TestFailure("no limit") }
    }

    @Test
    func `whoever waits can be cancelled, and without a password nobody waits`() async throws {
        let password = SharedPassword { "slow" }
        let first = await password.turn()
        let waiting = Task { await password.turn() }
        waiting.cancel()
        guard case .missing = await waiting.value else { throw TestFailure("not cut short") }
        guard case .missing = await SharedPassword({ nil }).turn() else { throw TestFailure("no password") }
        withExtendedLifetime(first) {}
    }
}
