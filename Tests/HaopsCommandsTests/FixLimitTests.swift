import Inventory
import Remote
import Testing

@testable import HaopsCommands
@testable import Rollout

/// `fix --limit` does nothing on nodes that were left out.
struct FixLimitTests {
    @Test func `fix refuses what would be done on nodes that were left out`() throws {
        let cluster = Cluster(name: "web", nodes: [])
        let plan = FixPlan(
            cluster: cluster, findings: ["split-brain"],
            actions: [.restart(HostID("lb2"), reason: "it must give way")], causes: [], unreachable: [:])
        let refusal = try #require(Fix.refusal(of: [plan], within: [HostID("lb1")]))
        #expect(refusal.exit == .refused)
        #expect(refusal.message.contains("`lb2`") && refusal.hint?.contains("lb1,lb2") == true)
        #expect(Fix.refusal(of: [plan], within: [HostID("lb2")]) == nil)
    }
}
