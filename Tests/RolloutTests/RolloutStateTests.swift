import Inventory
import Keepalived
import Remote
import Testing

@testable import Rollout

/// Every way a run may go, told as events, and what is done about it.
struct RolloutStateTests {
    private typealias Action = RolloutState.Action
    private typealias Move = RolloutState.Move
    private let lb1 = TestCluster.lb1
    private let lb2 = TestCluster.lb2
    private let lost = RemoteError.connectionLost(
        host: HostID("lb2"), operation: "change it", cause: "reset", changes: true)
    private let away = RemoteError.unreachable(host: HostID("lb2"), cause: "no route", hint: nil)

    private func state(
        _ plan: ClusterPlan? = nil, handsOver: Bool = true, acceptsProblems: Bool = false
    ) throws -> RolloutState {
        let plan = try plan ?? TestCluster.plan(TestCluster.make())
        return RolloutState(
            plan, expected: plan.expected, handsOver: handsOver, acceptsProblems: acceptsProblems)
    }

    /// Runs up to the first change of `lb2`.
    private func changing(_ state: inout RolloutState) throws {
        #expect(state.begin() == .stage([lb1, lb2]))
        #expect(state.next(after: .succeeded) == .validate([lb1, lb2]))
        #expect(state.next(after: .succeeded) == .look)
        #expect(state.next(after: .saw(try TestCluster.view(owner: lb1))) == .change(lb2))
    }

    /// Runs up to the handover of `lb1`, with `lb2` done.
    private func handingOver(_ state: inout RolloutState) throws {
        try changing(&state)
        #expect(state.next(after: .succeeded) == .verify(lb2))
        #expect(state.next(after: .succeeded) == .look)
        #expect(state.next(after: .saw(try TestCluster.view(owner: lb1))) == .extend([lb2]))
        #expect(state.next(after: kept) == .handOver(lb1, [Move(instance: "VI_1", to: lb2)]))
    }

    /// The rollbacks of changed nodes were put off.
    private let kept = RolloutState.Event.each([TestCluster.lb2: .succeeded])

    /// Runs up to the end of the last gate, with the addresses back at `lb1`.
    private func givingBack(_ state: inout RolloutState) throws {
        try handingOver(&state)
        #expect(state.next(after: .succeeded) == .change(lb1))
        #expect(state.next(after: .succeeded) == .verify(lb1))
        #expect(state.next(after: .succeeded) == .extend([lb2, lb1]))
        #expect(state.next(after: kept) == .giveBack(lb1, [Move(instance: "VI_1", to: lb2)]))
    }

    @Test func `the owner is last and hands over before it is touched`() throws {
        var state = try state()
        try givingBack(&state)
        #expect(state.next(after: .succeeded) == .confirm([lb2, lb1]))
        #expect(state.next(after: .each([lb1: .succeeded, lb2: .succeeded])) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.done))
        #expect(state.fates == [lb1: .changed, lb2: .changed])
    }

    @Test func `the order follows who owns now and not who owned when the plan was made`() throws {
        var state = try state()
        _ = state.begin()
        _ = state.next(after: .succeeded)
        _ = state.next(after: .succeeded)
        #expect(state.next(after: .saw(try TestCluster.view(owner: lb2))) == .change(lb1))
    }

    @Test func `a node that cannot stage stops the run before anything is changed`() throws {
        var state = try state()
        _ = state.begin()
        #expect(state.next(after: .failed(["`lb2`: no space"])) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.refused(["`lb2`: no space"])))
        #expect(state.fates == [lb1: .untouched, lb2: .untouched])
    }

    @Test func `a configuration that one node refuses changes none`() throws {
        var state = try state()
        _ = state.begin()
        _ = state.next(after: .succeeded)
        #expect(state.next(after: .failed(["`lb2`: keepalived does not accept it"])) == .clean)
        #expect(
            state.next(after: .succeeded) == .stop(.refused(["`lb2`: keepalived does not accept it"])))
    }

    @Test func `a node that is away ends the run as unreachable`() throws {
        var state = try state()
        _ = state.begin()
        #expect(state.next(after: .unreachable([away])) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.unreachable([away])))
    }

    @Test func `packages are installed before the daemons judge`() throws {
        var state = try state(TestCluster.plan(TestCluster.make(), packages: ["keepalived"]))
        _ = state.begin()
        #expect(state.next(after: .succeeded) == .install([lb2, lb1]))
        #expect(state.next(after: .succeeded) == .validate([lb1, lb2]))
        // From here on "nothing was changed" would be untrue.
        #expect(state.next(after: .failed(["`lb2`: keepalived does not accept it"])) == .clean)
        guard case .stop(.failed(let reasons)) = state.next(after: .succeeded) else {
            Issue.record("packages are no change")
            return
        }
        #expect(reasons.first == "`lb2`: keepalived does not accept it" && reasons.count == 2)
    }

    @Test func `a package manager of which nothing is heard leaves the outcome unknown`() throws {
        var state = try state(TestCluster.plan(TestCluster.make(), packages: ["keepalived"]))
        _ = state.begin()
        _ = state.next(after: .succeeded)
        #expect(state.next(after: .unknown(lost)) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.unknown([lost.description])))
    }

    @Test func `a cluster that is not healthy is not touched`() throws {
        var state = try state()
        _ = state.begin()
        _ = state.next(after: .succeeded)
        _ = state.next(after: .succeeded)
        var view = try TestCluster.view(owner: lb1)
        view.nodes[lb2]?.roles["VI_1"] = .master
        guard case .clean = state.next(after: .saw(view)) else {
            Issue.record("went on")
            return
        }
        #expect(
            state.next(after: .succeeded)
                == .stop(
                    .refused([
                        "`VI_1`: `lb1`, `lb2` claim it",
                        "`lb2`: is MASTER of `VI_1` without 203.0.113.50",
                    ])))
    }

    @Test func `accepted problems do not stop a run and new ones do`() throws {
        var state = try state(acceptsProblems: true)
        _ = state.begin()
        _ = state.next(after: .succeeded)
        _ = state.next(after: .succeeded)
        var view = try TestCluster.view(owner: lb1)
        view.nodes[lb1]?.keepalivedRuns = false
        #expect(state.next(after: .saw(view)) == .change(lb2))
        #expect(!state.hasJudged(lb1), "it may be the damage of a dead run, whose rollback stays scheduled")
        #expect(state.next(after: .succeeded) == .verify(lb2))
        #expect(state.next(after: .succeeded) == .look)
        view.nodes[lb2]?.roles["VI_1"] = .fault
        #expect(state.next(after: .saw(view)) == .verifyAll)
        // It stays so: what was changed goes back.
        #expect(state.next(after: .failed(["`lb2`: `VI_1` is in FAULT"])) == .restore(lb2))
    }

    @Test func `without a fit successor the owner is not touched`() throws {
        var state = try state()
        try changing(&state)
        for _ in 0..<2 { _ = state.next(after: .succeeded) }
        var view = try TestCluster.view(owner: lb1)
        view.nodes[lb2]?.follows = []
        #expect(state.next(after: .saw(view)) == .verifyAll)
        #expect(state.next(after: .succeeded) == .confirm([lb2]))
        #expect(state.next(after: kept) == .clean)
        guard case .stop(.failed(let reasons)) = state.next(after: .succeeded) else {
            Issue.record("not failed")
            return
        }
        #expect(reasons.count == 1)
        #expect(state.fates == [lb1: .untouched, lb2: .changed])
    }

    @Test func `a foretold move needs no handover`() throws {
        var plan = try TestCluster.plan(TestCluster.make())
        plan.moves = [
            PredictedMove(instance: "VI_1", from: lb1, to: lb2, means: .stop, outageMilliseconds: 609)
        ]
        var state = try state(plan)
        try changing(&state)
        for _ in 0..<2 { _ = state.next(after: .succeeded) }
        var view = try TestCluster.view(owner: lb1)
        view.nodes[lb2]?.follows = []
        #expect(state.next(after: .saw(view)) == .extend([lb2]))
        #expect(state.next(after: kept) == .change(lb1))
    }

    @Test func `with nopreempt the work itself moves the addresses`() throws {
        var state = try state(TestCluster.plan(TestCluster.make(preempt: false)), handsOver: false)
        try changing(&state)
        for _ in 0..<2 { _ = state.next(after: .succeeded) }
        #expect(state.next(after: .saw(try TestCluster.view(owner: lb1))) == .extend([lb2]))
        #expect(state.next(after: kept) == .change(lb1))
    }

    @Test func `a handover that does not happen is taken back and the owner stays as it was`() throws {
        var state = try state()
        try handingOver(&state)
        let giveBack = state.next(after: .failed(["`lb2`: does not take it"]))
        #expect(giveBack == .giveBack(lb1, [Move(instance: "VI_1", to: lb2)]))
        #expect(state.next(after: .succeeded) == .confirm([lb2]))
        #expect(state.next(after: kept) == .clean)
        guard case .stop(.failed) = state.next(after: .succeeded) else {
            Issue.record("not failed")
            return
        }
        #expect(state.fates == [lb1: .untouched, lb2: .changed])
    }

    @Test func `a change that did not begin leaves the node alone`() throws {
        var state = try state()
        try changing(&state)
        #expect(state.next(after: .failed(["`lb2`: no space"])) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.refused(["`lb2`: no space"])))
        #expect(state.fates[lb2] == .untouched)
    }

    @Test func `a change that fails halfway is put back and verified`() throws {
        var state = try state()
        try changing(&state)
        #expect(state.next(after: .failedHalfway(["`lb2`: haproxy does not restart"])) == .restore(lb2))
        #expect(state.next(after: .succeeded) == .verifyRestored(lb2))
        #expect(state.next(after: .succeeded) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.failed(["`lb2`: haproxy does not restart"])))
        #expect(state.fates == [lb1: .untouched, lb2: .restored])
    }

    @Test func `a node that is put back and not proven well is not called broken`() throws {
        var state = try state()
        try changing(&state)
        #expect(state.next(after: .failedHalfway(["`lb2`: haproxy does not restart"])) == .restore(lb2))
        #expect(state.next(after: .succeeded) == .verifyRestored(lb2))
        #expect(state.next(after: .failed(["`lb1`: does not answer"])) == .clean)
        #expect(
            state.next(after: .succeeded)
                == .stop(
                    .failed([
                        "`lb2`: haproxy does not restart",
                        "after `lb2` was rolled back: `lb1`: does not answer",
                    ])))
        #expect(state.fates == [lb1: .untouched, lb2: .unproven("`lb1`: does not answer")])
    }

    @Test func `a gate that does not pass puts the node back and the handover too`() throws {
        var state = try state()
        let moves = [Move(instance: "VI_1", to: lb2)]
        try handingOver(&state)
        _ = state.next(after: .succeeded)
        #expect(state.next(after: .succeeded) == .verify(lb1))
        #expect(state.next(after: .failed(["no node holds 203.0.113.50"])) == .restore(lb1))
        #expect(state.next(after: .succeeded) == .verifyRestored(lb1))
        #expect(state.next(after: .succeeded) == .giveBack(lb1, moves))
        // The cluster is well with what was changed before, so that stays.
        #expect(state.next(after: .succeeded) == .confirm([lb2]))
        #expect(state.next(after: kept) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.failed(["no node holds 203.0.113.50"])))
        #expect(state.fates == [lb1: .restored, lb2: .changed])
    }

    @Test func `a lost connection is followed by reading what became of it`() throws {
        var state = try state()
        try changing(&state)
        #expect(state.next(after: .unknown(lost)) == .reread(lb2))
        #expect(state.next(after: .succeeded) == .verify(lb2))
    }

    @Test func `a node that stays away is given the time of its own revert`() throws {
        var state = try state()
        try changing(&state)
        _ = state.next(after: .unknown(lost))
        #expect(state.next(after: .unreachable([away])) == .awaitRevert(lb2))
        #expect(state.next(after: .succeeded) == .verifyRestored(lb2))
        #expect(state.next(after: .succeeded) == .clean)
        guard case .stop(.failed) = state.next(after: .succeeded) else {
            Issue.record("not failed")
            return
        }
        #expect(state.fates[lb2] == .restored)
    }

    @Test func `a node that never comes back ends as unknown`() throws {
        var state = try state()
        try changing(&state)
        #expect(state.next(after: .succeeded) == .verify(lb2))
        #expect(state.next(after: .unreachable([away])) == .awaitRevert(lb2))
        #expect(state.next(after: .unreachable([away])) == .clean)
        guard case .stop(.unknown(let reasons)) = state.next(after: .succeeded) else {
            Issue.record("not unknown")
            return
        }
        #expect(!reasons.isEmpty)
        #expect(state.fates[lb2] == .unknown(away.description))
    }

    @Test func `a change that cannot be confirmed takes all of them back`() throws {
        var state = try state()
        try givingBack(&state)
        #expect(state.next(after: .succeeded) == .confirm([lb2, lb1]))
        let failed = RolloutState.Event.failed(["`lb1`: went back by itself"])
        #expect(state.next(after: .each([lb1: failed, lb2: .succeeded])) == .restore(lb1))
        #expect(state.next(after: .succeeded) == .verifyRestored(lb1))
        #expect(state.next(after: .succeeded) == .restore(lb2))
        #expect(state.next(after: .succeeded) == .verifyRestored(lb2))
        #expect(state.next(after: .succeeded) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.failed(["`lb1`: went back by itself"])))
        #expect(state.fates == [lb1: .restored, lb2: .restored])
    }

    @Test func `a change that a person confirms is kept scheduled on all nodes or goes back on all`() throws {
        var state = try state(
            TestCluster.plan(TestCluster.make()).awaitingConfirmation(within: .seconds(600)))
        try givingBack(&state)
        var held = state
        #expect(held.next(after: .succeeded) == .hold([lb2, lb1]))
        #expect(held.next(after: .each([lb1: .succeeded, lb2: .succeeded])) == .clean)
        #expect(held.next(after: .succeeded) == .stop(.done))
        #expect(state.next(after: .succeeded) == .hold([lb2, lb1]))
        let failed = RolloutState.Event.failed(["`lb2`: cannot be put off"])
        #expect(state.next(after: .each([lb1: .succeeded, lb2: failed])) == .restore(lb1))
    }

    @Test func `a gate that fails after a node went back takes the others back too`() throws {
        var state = try state()
        try handingOver(&state)
        #expect(state.next(after: .succeeded) == .change(lb1))
        #expect(state.next(after: .succeeded) == .verify(lb1))
        #expect(state.next(after: .failed(["`VI_1`: split-brain"])) == .restore(lb1))
        #expect(state.next(after: .succeeded) == .verifyRestored(lb1))
        // So it was not `lb1` that did it.
        #expect(state.next(after: .failed(["`VI_1`: split-brain"])) == .restore(lb2))
        #expect(state.next(after: .succeeded) == .verifyRestored(lb2))
        #expect(state.next(after: .succeeded) == .giveBack(lb1, [Move(instance: "VI_1", to: lb2)]))
        #expect(state.next(after: .succeeded) == .clean)
        #expect(state.fates == [lb1: .unproven("`VI_1`: split-brain"), lb2: .restored])
    }

    @Test func `a rollback that cannot be kept armed stops the run`() throws {
        var state = try state()
        try changing(&state)
        for _ in 0..<2 { _ = state.next(after: .succeeded) }
        #expect(state.next(after: .saw(try TestCluster.view(owner: lb1))) == .extend([lb2]))
        #expect(state.next(after: .each([lb2: .unreachable([away])])) == .verifyAll)
        #expect(state.next(after: .failed(["`lb2`: does not answer"])) == .restore(lb2))
        #expect(state.fates[lb1] == .untouched)
    }

    @Test func `an owner that does not take its addresses back is put back`() throws {
        var state = try state()
        try givingBack(&state)
        #expect(state.next(after: .failedHalfway(["`lb1`: does not take it back"])) == .restore(lb1))
        #expect(state.next(after: .succeeded) == .verifyRestored(lb1))
        #expect(state.next(after: .succeeded) == .confirm([lb2]))
        #expect(state.next(after: kept) == .clean)
        #expect(state.fates[lb1] == .restored)
    }

    /// Whoever may be the only one to serve is judged by a gate, and its own script does not restart what serves alone.
    @Test func `a handover that stays is followed by a gate`() throws {
        var state = try state()
        try givingBack(&state)
        #expect(state.next(after: .failed(["`lb2`: no route"])) == .verifyAll)
        #expect(state.next(after: .succeeded) == .confirm([lb2, lb1]))
        #expect(state.next(after: .each([lb1: .succeeded, lb2: .succeeded])) == .clean)
        guard case .stop(.failed(let reasons)) = state.next(after: .succeeded) else {
            Issue.record("a handover that stays is not well")
            return
        }
        #expect(reasons.contains("`lb2`: no route") && reasons[0].contains("`VI_1` at `lb2`"))
        #expect(state.fates == [lb1: .changed, lb2: .changed])
    }

    @Test func `what an earlier run left is judged only once the gates have passed it`() throws {
        var state = try state()
        _ = state.begin()
        _ = state.next(after: .succeeded)
        _ = state.next(after: .failed(["`lb1`: keepalived does not accept it"]))
        #expect(!state.hasJudged(lb1))
        state = try self.state()
        try changing(&state)
        #expect(state.hasJudged(lb1) && state.hasJudged(lb2))
    }

    @Test func `a node that cannot be put back is reported as broken`() throws {
        var state = try state()
        try changing(&state)
        _ = state.next(after: .failedHalfway(["half"]))
        #expect(state.next(after: .failed(["`lb2`: no set"])) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.failed(["half", "`lb2`: no set"])))
        #expect(state.fates[lb2] == .broken("`lb2`: no set"))
    }

    @Test func `an interrupt between nodes begins nothing new`() throws {
        var state = try state()
        try changing(&state)
        _ = state.next(after: .succeeded)
        state.interrupt()
        #expect(state.next(after: .succeeded) == .look)
        #expect(state.next(after: .saw(try TestCluster.view(owner: lb1))) == .verifyAll)
        #expect(state.next(after: .succeeded) == .confirm([lb2]))
        #expect(state.next(after: kept) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.interrupted))
        #expect(state.fates == [lb1: .untouched, lb2: .changed])
    }

    @Test func `an interrupt during a handover takes it back`() throws {
        var state = try state()
        try handingOver(&state)
        state.interrupt()
        #expect(
            state.next(after: .succeeded) == .giveBack(lb1, [Move(instance: "VI_1", to: lb2)]))
        #expect(state.next(after: .succeeded) == .confirm([lb2]))
        #expect(state.next(after: kept) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.interrupted))
        #expect(state.fates[lb1] == .untouched)
    }

    @Test func `an interrupt when all is done is no interrupt`() throws {
        var state = try state()
        try givingBack(&state)
        state.interrupt()
        #expect(state.next(after: .succeeded) == .confirm([lb2, lb1]))
        #expect(state.next(after: .each([lb1: .succeeded, lb2: .succeeded])) == .clean)
        #expect(state.next(after: .succeeded) == .stop(.done))
    }

    @Test func `a rollback to before the first apply stops the nodes one by one`() throws {
        var plan = try TestCluster.plan(TestCluster.make())
        for index in plan.nodes.indices { plan.nodes[index].keepalived = .stop }
        plan.moves = [
            PredictedMove(instance: "VI_1", from: lb1, to: nil, means: .end, outageMilliseconds: nil)
        ]
        var state = try state(plan)
        try changing(&state)
        #expect(state.next(after: .succeeded) == .verify(lb2))
        #expect(state.next(after: .succeeded) == .look)
        #expect(state.expected == [lb1])
        var view = try TestCluster.view(owner: lb1)
        view.nodes[lb2] = NodeView(keepalivedRuns: false)
        #expect(state.next(after: .saw(view)) == .extend([lb2]))
        #expect(state.next(after: kept) == .change(lb1))
    }
}
