import Inventory
import Remote
import Testing

@testable import Rollout

/// Nodes that would not hear each other if one were changed before the other.
struct ChangeTogetherTests {
    private let lb1 = TestCluster.lb1
    private let lb2 = TestCluster.lb2
    private let lost = RemoteError.connectionLost(
        host: HostID("lb2"), operation: "change it", cause: "reset", changes: true)
    private let away = RemoteError.unreachable(host: HostID("lb2"), cause: "no route", hint: nil)

    private func state(_ plan: ClusterPlan) -> RolloutState {
        RolloutState(plan, expected: plan.expected, handsOver: true, acceptsProblems: false)
    }

    /// Runs up to the change of both nodes, whose new configurations are deaf to the old ones.
    private func changingTogether(_ state: inout RolloutState) throws {
        _ = state.begin()
        _ = state.next(after: .succeeded)
        _ = state.next(after: .succeeded)
        let action = state.next(after: .saw(try TestCluster.view(owner: lb1)))
        #expect(action == .changeTogether([lb2, lb1]))
    }

    private func dividing() throws -> ClusterPlan {
        var plan = try TestCluster.plan(TestCluster.make())
        for index in plan.nodes.indices { plan.nodes[index].files = [TestCluster.dividingChange] }
        return plan
    }

    @Test func `nodes that would not hear each other change at once without a handover`() throws {
        var state = state(try dividing())
        try changingTogether(&state)
        #expect(
            state.next(after: .each([lb1: .succeeded, lb2: .succeeded])) == .verifyTogether([lb2, lb1]))
        #expect(state.next(after: .succeeded) == .confirm([lb2, lb1]))
        #expect(state.next(after: .each([lb1: .succeeded, lb2: .succeeded])) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.done))
        #expect(state.fates == [lb1: .changed, lb2: .changed])
    }

    @Test func `one that fails takes the others back with it`() throws {
        var state = state(try dividing())
        try changingTogether(&state)
        let half = RolloutState.Event.failedHalfway(["`lb2`: keepalived does not reload"])
        #expect(state.next(after: .each([lb1: .succeeded, lb2: half])) == .restoreTogether([lb2, lb1]))
        #expect(state.next(after: .each([lb1: .succeeded, lb2: .succeeded])) == .verifyRestored(lb2))
        #expect(state.next(after: .succeeded) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.failed(["`lb2`: keepalived does not reload"])))
        #expect(state.fates == [lb1: .restored, lb2: .restored])
    }

    @Test func `one that was not touched is not put back`() throws {
        var state = state(try dividing())
        try changingTogether(&state)
        let refused = RolloutState.Event.failed(["`lb2`: cannot arm the revert"])
        #expect(state.next(after: .each([lb1: .succeeded, lb2: refused])) == .restoreTogether([lb1]))
        #expect(state.next(after: .each([lb1: .succeeded])) == .verifyRestored(lb1))
        #expect(state.fates == [lb1: .restored, lb2: .untouched])
    }

    @Test func `none touched is a refusal`() throws {
        var state = state(try dividing())
        try changingTogether(&state)
        let refused = RolloutState.Event.failed(["cannot arm the revert"])
        #expect(state.next(after: .each([lb1: .unreachable([away]), lb2: refused])) == .clean)
        guard case .stop(.refused) = state.next(after: .succeeded) else {
            Issue.record("nothing was changed, so it is a refusal")
            return
        }
        #expect(state.fates == [lb1: .untouched, lb2: .untouched])
    }

    @Test func `a group whose gate fails goes back and one that is away is unknown`() throws {
        var state = state(try dividing())
        try changingTogether(&state)
        _ = state.next(after: .each([lb1: .succeeded, lb2: .succeeded]))
        #expect(state.next(after: .failed(["`VI_1`: split-brain"])) == .restoreTogether([lb2, lb1]))
        #expect(state.next(after: .each([lb1: .succeeded, lb2: .unreachable([away])])) == .clean)
        guard case .stop(.unknown) = state.next(after: .succeeded) else {
            Issue.record("nobody knows what `lb2` does")
            return
        }
        #expect(state.fates[lb1] == .restored)
    }

    @Test func `a single node that is brought back into agreement is changed alone`() throws {
        var plan = try dividing()
        plan.nodes[1].files = []
        #expect(plan.together.isEmpty)
        plan = try dividing()
        plan.expected = [lb1]
        #expect(plan.together.isEmpty, "a node whose keepalived does not run claims nothing")
    }
}
