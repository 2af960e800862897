import Inventory
import Keepalived
import Remote
import Testing

@testable import Rollout

/// Which numbers bring an instance to a node, and what forbids it.
@Suite struct SwitchoverPlannerTests {
    private let lb1 = TestCluster.lb1
    private let lb2 = TestCluster.lb2

    private func plan(
        to target: HostID?, preempt: Bool = true, owner: HostID = TestCluster.lb1,
        written: [HostID: WrittenPriority] = [:], _ change: (inout ClusterView) -> Void = { _ in }
    ) throws -> SwitchoverPlan {
        var view = try TestCluster.view(owner: owner)
        change(&view)
        return SwitchoverPlanner.plan(
            try TestCluster.make(preempt: preempt), to: target, instances: nil, reason: "drill", view: view,
            written: written.mapValues { ["VI_1": $0] }, unreachable: [:])
    }

    private func failed(_ plan: SwitchoverPlan) -> [String] {
        plan.preconditions.filter { !$0.holds }.map(\.what)
    }

    @Test func `the target is lifted one above the owner`() throws {
        let plan = try plan(to: lb2)
        #expect(!plan.isRefused)
        #expect(plan.overrides == [.init(instance: "VI_1", node: lb2, value: 51)])
        #expect(plan.releases.isEmpty)
        #expect(plan.moves.map(\.to) == [lb2] && plan.moves.map(\.means) == [.handover])
    }

    @Test func `whoever owns it already needs nothing`() throws {
        let plan = try plan(to: lb1)
        #expect(plan.isEmpty && !plan.isRefused)
    }

    @Test func `the way home takes the override back and adds none`() throws {
        let plan = try plan(to: lb1, owner: lb2)
        #expect(plan.overrides == [.init(instance: "VI_1", node: lb2, value: 0)])
        #expect(plan.releases.isEmpty && !plan.isRefused)
    }

    @Test func `a release takes every override back and says where the address goes`() throws {
        let plan = try plan(to: nil, owner: lb2)
        #expect(plan.overrides == [.init(instance: "VI_1", node: lb2, value: 0)])
        #expect(plan.moves.map(\.to) == [lb1])
        #expect(try self.plan(to: nil).isEmpty)
    }

    @Test func `with nopreempt the owner steps down, and gets its number back`() throws {
        let plan = try plan(to: lb2, preempt: false)
        #expect(plan.overrides == [.init(instance: "VI_1", node: lb1, value: -254)])
        #expect(plan.releases == [.init(instance: "VI_1", node: lb1, value: 0)])
        #expect(plan.moves.map(\.means) == [.stop])
    }

    @Test func `a target that is no healthy BACKUP, or follows no handover file, is refused`() throws {
        let fault = try plan(to: lb2) { $0.nodes[TestCluster.lb2]?.roles["VI_1"] = .fault }
        #expect(failed(fault) == ["`lb2` is a BACKUP of `VI_1`"])
        let lowered = try plan(to: lb2) { $0.nodes[TestCluster.lb2]?.priorities["VI_1"] = 40 }
        #expect(failed(lowered) == ["checks pass on `lb2`"])
        let deaf = try plan(to: lb2) { $0.nodes[TestCluster.lb2]?.follows = [] }
        #expect(failed(deaf) == ["haops can raise `VI_1` on `lb2`"])
        #expect(fault.isRefused && lowered.isRefused && deaf.isRefused)
    }

    @Test func `where no handover file is followed the priority itself is written above the owner's`() throws
    {
        let written = [lb1: priority(150), lb2: priority(100)]
        let raised = try plan(to: lb2, written: written) { $0.forgetHandover() }
        #expect(!raised.isRefused && raised.overrides.isEmpty && raised.restarts.isEmpty)
        #expect(raised.edits == [.init(instance: "VI_1", node: lb2, value: 151)])

        let unread = try plan(to: lb2, written: [lb2: priority(90)]) {
            $0.forgetHandover()
            $0.nodes[TestCluster.lb2]?.basePriorities["VI_1"] = 100
        }
        #expect(failed(unread) == ["`lb2` runs with the priority in its file"])
        let full = try plan(to: lb2, written: written) {
            $0.forgetHandover()
            $0.nodes[TestCluster.lb1]?.priorities["VI_1"] = 254
        }
        #expect(failed(full) == ["there is room above priority 254"])
    }

    @Test func `a written priority is put back by the way home and by a release`() throws {
        let written = [lb1: priority(150), lb2: priority(151, was: 100)]
        func asRaised(_ view: inout ClusterView) {
            view.forgetHandover()
            view.nodes[TestCluster.lb2]?.priorities["VI_1"] = 151
            view.nodes[TestCluster.lb2]?.basePriorities["VI_1"] = 151
        }
        let back = SwitchoverPlan.Edit(instance: "VI_1", node: lb2, value: 100)
        let home = try plan(to: lb1, owner: lb2, written: written, asRaised)
        #expect(home.edits == [back] && !home.isRefused)
        let release = try plan(to: nil, owner: lb2, written: written, asRaised)
        #expect(release.edits == [back] && release.moves.map(\.to) == [lb1])
    }

    @Test func `with nopreempt and no handover file the owner's keepalived is restarted`() throws {
        let plan = try plan(to: lb2, preempt: false) { $0.forgetHandover() }
        #expect(!plan.isRefused && plan.overrides.isEmpty && plan.restarts == [lb1])
        #expect(plan.moves.map(\.means) == [.stop])
    }

    private func priority(_ value: Int, was original: Int? = nil) -> WrittenPriority {
        WrittenPriority(path: "/etc/keepalived/keepalived.conf", line: 5, value: value, original: original)
    }

    @Test func `two owners, none, a silent node and an unknown target are refused`() throws {
        let two = try plan(to: lb2) { $0.nodes[TestCluster.lb2]?.roles["VI_1"] = .master }
        #expect(failed(two) == ["`VI_1` has exactly one owner"])
        let silent = try plan(to: lb2) { $0.silent[TestCluster.lb3] = "it is off" }
        #expect(failed(silent) == ["every node answers"])
        #expect(failed(try plan(to: "lb9")) == ["`lb9` is a node of `web`"])
    }

    @Test func `there must be room above the owner's priority`() throws {
        let plan = try plan(to: lb2) { $0.nodes[TestCluster.lb1]?.priorities["VI_1"] = 254 }
        #expect(failed(plan).contains("there is room above priority 254"))
    }
}

extension ClusterView {
    /// As of nodes that haops did not set up.
    fileprivate mutating func forgetHandover() {
        for node in nodes.keys {
            nodes[node]?.follows = []
            nodes[node]?.overrides = [:]
        }
    }
}
