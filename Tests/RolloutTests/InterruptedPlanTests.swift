import HaopsTestSupport
import Inventory
import Remote
import Rendering
import Testing

@testable import Rollout

/// What a run that was interrupted while it asked has learned: nothing.
@Suite struct InterruptedPlanTests {
    private let rollout = Rollout(
        transport: ScriptedTransport(["lb1": .says(["system": "hostname=lb1\nnow=1"]), "lb2": .silent]),
        operator: Operator(name: "anna@ops", processID: 1))

    /// Runs `work`, and interrupts it.
    private func interrupted<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async -> Result<Value, any Error> {
        let task = Task { try await work() }
        task.cancel()
        return await task.result
    }

    @Test(.timeLimit(.minutes(5)))
    func `no plan is made of answers that were not waited for`() async throws {
        let rollout = rollout
        let cluster = try TestCluster.make()
        let expected = InterruptedQuestion(unanswered: [TestCluster.lb2])
        await #expect(throws: expected) {
            try await interrupted { try await rollout.planRestart(of: cluster, services: ["haproxy"]) }.get()
        }
        await #expect(throws: expected) {
            try await interrupted { try await rollout.plan(cluster, rendered: []) }.get()
        }
        await #expect(throws: expected) {
            try await interrupted { try await rollout.planRollback(of: cluster, secrets: []) }.get()
        }
        await #expect(throws: expected) {
            try await interrupted { try await rollout.savedRuns(of: cluster) }.get()
        }
        await #expect(throws: expected) {
            try await interrupted { try await rollout.planRelease(of: cluster) }.get()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `whoever was told to stop locks nothing`() async throws {
        let plan = TestCluster.plan(try TestCluster.make())
        let rollout = rollout
        let report = try await interrupted { await rollout.carryOut(plan) }.get()
        #expect(report.outcome == .interrupted)
    }

    @Test func `an answer is none once the run is over, and silence is one`() async throws {
        let silence = Result<Int, RemoteError>.failure(
            .unreachable(host: TestCluster.lb1, cause: "no route", hint: nil))
        try InterruptedQuestion.check([(TestCluster.lb1, silence), (TestCluster.lb2, .success(7))])
        let ended = await interrupted {
            try InterruptedQuestion.check([(TestCluster.lb2, Result<Int, RemoteError>.success(7))])
        }
        #expect(throws: InterruptedQuestion(unanswered: [])) { try ended.get() }
    }
    @Test(.timeLimit(.minutes(5)))
    func `an interrupted plan of several clusters names the silent nodes of all of them`() async throws {
        let cluster = try TestCluster.make()
        let fleet = Fleet(source: "haops.yaml", clusters: [cluster, cluster])
        let rollout = rollout
        let rendered = fleet.clusters.map { (cluster: $0, nodes: [RenderedNode]()) }
        let result = await interrupted {
            try await rollout.plan(fleet, rendered: rendered, only: [], window: 4) { _, _ in [] }
        }
        #expect(throws: InterruptedQuestion(unanswered: [TestCluster.lb2, TestCluster.lb2])) {
            try result.get()
        }
    }
}
