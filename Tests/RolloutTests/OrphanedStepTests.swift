import Facts
import HaopsTestSupport
import Inventory
import Remote
import Synchronization
import Testing

@testable import Rollout

/// A step whose run is dead goes on on its node: nobody plans on what it has not changed yet.
@Suite struct OrphanedStepTests {
    /// Nodes on which such a step is at work for a number of questions; or, held by its own run, for ever.
    private final class Nodes: Transport {
        let steps: Mutex<Int>
        let lock: String

        init(_ steps: Int, lock: String = "") {
            self.steps = Mutex(steps)
            self.lock = lock
        }

        func withSession<Result: Sendable>(
            to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
        ) async throws -> Result {
            let isAtWork = steps.withLock { left in
                left -= target.id == TestCluster.lb2 ? 1 : 0
                return left >= 0 && target.id == TestCluster.lb2
            }
            let sections = [
                "system": "hostname=\(target.id)\nnow=1", "interfaces": "1: lo: <UP> mtu 65536",
                "pending": isAtWork ? "step=20260101T000000Z-dead00\n\(lock)" : "",
            ]
            return try await ScriptedTransport([target.host: .says(sections)]).withSession(to: target, body)
        }
    }

    /// A clock that does not wait, and counts.
    private final class Counting: Clock {
        typealias Instant = ContinuousClock.Instant
        let slept = Mutex(0)
        var now: Instant { ContinuousClock.now }
        var minimumResolution: Duration { .zero }
        func sleep(until deadline: Instant, tolerance: Duration?) async throws { slept.withLock { $0 += 1 } }
    }

    private func rollout(_ nodes: Nodes, _ clock: Counting) -> Rollout {
        Rollout(transport: nodes, operator: Operator(name: "anna@ops", processID: 1), clock: clock)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a plan is made when it has ended, and not before`() async throws {
        let clock = Counting()
        let plan = try await rollout(Nodes(3), clock).planRestart(
            of: try TestCluster.make(), services: ["keepalived"])
        #expect(clock.slept.withLock { $0 } == 3)
        #expect(!plan.obstacles.contains { $0.contains("still at work") })
    }

    @Test(.timeLimit(.minutes(5)))
    func `one that does not end is in the way of the plan`() async throws {
        let clock = Counting()
        let plan = try await rollout(Nodes(.max), clock).planRestart(
            of: try TestCluster.make(), services: ["keepalived"])
        #expect(clock.slept.withLock { $0 } > 100)
        #expect(
            plan.obstacles.contains("`lb2`: a step of run 20260101T000000Z-dead00 is still at work there"))
    }

    @Test(.timeLimit(.minutes(5)))
    func `the step of a run that holds the lock is its own business`() async throws {
        let clock = Counting()
        let nodes = Nodes(
            .max, lock: "lock=ops@desk\t20260101T000000Z-dead00\tapply\t4711\t2026-01-01T00:00:00Z")
        let plan = try await rollout(nodes, clock).planRestart(
            of: try TestCluster.make(), services: ["keepalived"])
        #expect(clock.slept.withLock { $0 } == 0)
        #expect(plan.locks.count == 1 && !plan.obstacles.contains { $0.contains("still at work") })
    }

    @Test func `who moves nothing waits as well`() {
        let work = [TestCluster.lb1: PendingWork(step: "A")]
        #expect(Rollout.reasonsToWait(work).first?.contains("a step of run A is still at work") == true)
    }
}
