import Inventory
import Testing

@testable import Rollout

/// About how long a plan takes.
@Suite struct WorkEstimateTests {
    private func plan(_ change: (inout NodePlan) -> Void) throws -> ClusterPlan {
        var plan = TestCluster.plan(try TestCluster.make())
        for index in plan.nodes.indices {
            plan.nodes[index] = NodePlan(node: plan.nodes[index].node)
            change(&plan.nodes[index])
        }
        return plan
    }

    @Test func `nothing takes no time`() throws {
        #expect(WorkEstimate(try plan { _ in }).duration == .zero)
    }

    @Test func `a node whose keepalived reads anew takes its master-down time, and a handover two more`()
        throws
    {
        let masterDown = RolloutTiming(try TestCluster.make()).masterDown
        let haproxy = WorkEstimate(try plan { $0.haproxy = .reload }).duration
        var both = try plan { $0.keepalived = .reload }
        let keepalived = WorkEstimate(both).duration
        #expect(keepalived >= masterDown * 2 && keepalived > haproxy)
        both.moves = [
            PredictedMove(
                instance: "VI_1", from: TestCluster.lb1, to: TestCluster.lb2, means: .handover,
                outageMilliseconds: 0)
        ]
        #expect(WorkEstimate(both).duration >= keepalived + masterDown * 2)
    }

    @Test func `packages are told apart, as nobody knows how long they take`() throws {
        #expect(WorkEstimate(try plan { $0.packages = ["haproxy"] }).hasInstalls)
        #expect(!WorkEstimate(try plan { $0.haproxy = .reload }).hasInstalls)
    }
}
