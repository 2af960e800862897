import Facts
import Inventory
import Keepalived
import Remote
import Rendering
import Testing

@testable import Rollout

/// What a plan says of addresses: how long they are silent, and who takes them by itself afterwards.
@Suite struct ForecastTests {
    private let lb1 = TestCluster.lb1
    private let lb2 = TestCluster.lb2

    private func configuration(_ priority: Int, _ more: String = "") -> String {
        """
        vrrp_instance VI_1 {
            interface eth0
            virtual_router_id 51
            priority \(priority)
            \(more)
            virtual_ipaddress {
                203.0.113.50/24
            }
        }

        """
    }

    /// A restart of keepalived on a pair whose configurations are `files`.
    private func restart(
        _ files: (String, String), version: Int = 2, interval: Int = 100, preempt: Bool = true,
        only: Set<HostID>? = nil, dead: HostID? = nil, owner: HostID = TestCluster.lb1,
        _ change: (inout ClusterView) -> Void = { _ in }
    ) throws -> ClusterPlan {
        var cluster = try TestCluster.make(preempt: preempt)
        cluster.keepalived?.version = version
        cluster.keepalived?.advertInterval = interval
        var view = try TestCluster.view(owner: owner)
        if owner == lb2, dead == lb1 {
            view.nodes[lb2]?.priorities["VI_1"] = 100
            view.nodes[lb2]?.overrides = [:]
        }
        if let dead { view.nodes[dead] = NodeView(keepalivedRuns: false) }
        change(&view)
        let facts = [(lb1, files.0), (lb2, files.1)].map { node, text in
            var facts = HostFacts(host: node)
            let service = ServiceState(isRunning: node != dead, detail: "")
            facts.set(ServicesFact.self, to: ["keepalived": service])
            facts.set(
                ConfigurationFilesFact.self,
                to: ConfigurationEvidence(files: [
                    ConfigurationEvidence.usualMainFile: FileState(
                        kind: .regular, contents: Array(text.utf8))
                ]))
            return facts
        }
        return Planner.plan(
            cluster, purpose: "restart", goal: .restart(["keepalived"], only: only),
            facts: zip(cluster.nodes, facts).map { ($0, .success($1)) }, view: view)
    }

    @Test(arguments: [
        // (256 - 100) / 256 of a second in version 2, of the interval in version 3: RFC 3768 and RFC 5798, 6.1.
        (2, 100, 609), (2, 300, 609), (2, 500, 609), (3, 100, 609), (3, 300, 1828), (3, 500, 3046),
        (3, 20, 121),
    ])
    func `a fall over is as silent as the version makes it`(version: Int, interval: Int, milliseconds: Int)
        throws
    {
        let more = "nopreempt\nversion \(version)\nadvert_int \(Double(interval) / 100)"
        let files = (configuration(150, more), configuration(100, more))
        let plan = try restart(files, version: version, interval: interval, preempt: false)
        #expect(plan.moves.map(\.means) == [.stop] && plan.moves.map(\.to) == [lb2])
        #expect(plan.moves.map(\.outageMilliseconds) == [milliseconds])
        #expect(plan.returns.isEmpty, "with nopreempt it stays where it went")

        let switchover = SwitchoverPlanner.plan(
            plan.cluster, to: lb2, instances: nil, reason: "", view: try TestCluster.view(owner: lb1),
            unreachable: [:])
        #expect(switchover.moves.map(\.outageMilliseconds) == [milliseconds])
    }

    @Test func `whoever follows no handover file falls over, and comes back by itself`() throws {
        let plan = try restart((configuration(150), configuration(100))) {
            for node in $0.nodes.keys { $0.nodes[node]?.follows = [] }
        }
        #expect(plan.moves.map(\.means) == [.stop])
        let back = try #require(plan.returns.first)
        #expect(back.means == .preempt && back.from == lb2 && back.to == lb1)
        #expect(back.delay == .init(milliseconds: 3414, after: .start) && back.outageMilliseconds == 0)
    }

    @Test func `with a handover file it is handed over and taken back, and nothing else happens`() throws {
        let plan = try restart((configuration(150), configuration(100)))
        #expect(plan.moves.map(\.means) == [.handover] && plan.returns.isEmpty)
    }

    @Test func `a preferred node that is started takes the address back, unless it does not preempt`() throws
    {
        func started(_ more: String, priority: Int = 150) throws -> [PredictedMove] {
            let plan = try restart(
                (configuration(priority, more), configuration(100)), only: [lb1], dead: lb1, owner: lb2)
            #expect(plan.nodes.first { $0.node.id == lb1 }?.keepalived == .start)
            #expect(plan.moves.isEmpty)
            return plan.returns
        }
        let back = try #require(try started("").first)
        #expect(back.from == lb2 && back.to == lb1 && back.means == .preempt && back.outageMilliseconds == 0)
        #expect(back.delay == .init(milliseconds: 3414, after: .start))
        #expect(try started("nopreempt").isEmpty)
        #expect(try started("state MASTER\nnopreempt").count == 1, "keepalived clears it then")
        #expect(try started("preempt_delay 20").first?.delay?.milliseconds == 23414)
        #expect(try started("state MASTER\npreempt_delay 20").first?.delay?.milliseconds == 3414)
        #expect(try started("down_timer_adverts 5").first?.delay?.milliseconds == 5414)
        #expect(try started("", priority: 100).isEmpty, "an equal advert leaves a BACKUP where it is")
        #expect(try started("", priority: 99).isEmpty)
    }

    @Test func `what lowers a running node lowers it after a restart too`() throws {
        // lb1's check fails: it is at 90 and lb2 owns.
        let plan = try restart((configuration(150), configuration(100)), only: [lb1], owner: lb2) {
            $0.nodes[lb1]?.priorities["VI_1"] = 90
            $0.nodes[lb1]?.basePriorities["VI_1"] = 150
            $0.nodes[lb2]?.priorities["VI_1"] = 100
            $0.nodes[lb2]?.overrides = [:]
        }
        #expect(plan.returns.isEmpty)
    }

    @Test func `a written priority that nobody has read yet counts once it is read`() throws {
        let plan = try restart((configuration(150), configuration(200)), only: [lb2]) {
            $0.nodes[lb2]?.basePriorities["VI_1"] = 100
        }
        let taken = try #require(plan.returns.first)
        #expect(taken.from == lb1 && taken.to == lb2 && taken.means == .preempt)
    }

    @Test func `of a cluster that is not seen whole nothing is foretold`() throws {
        let plan = try restart((configuration(150), configuration(100)), dead: lb1, owner: lb2) {
            $0.nodes[lb1] = nil
            $0.silent[lb1] = "no route"
        }
        #expect(!plan.isEmpty && plan.moves.isEmpty && plan.returns.isEmpty && plan.steps.isEmpty)
        #expect(plan.notes.contains { $0.contains("`lb1` does not answer") })
        #expect(!plan.problems.contains { $0.contains("no node holds") })
    }

    @Test func `that nobody can take over is not said of a node that cannot say what it is`() throws {
        let plan = try restart((configuration(150), configuration(100))) {
            $0.nodes[lb2]?.roles = [:]
            $0.nodes[lb2]?.unanswered[.roles] = "its state cannot be read"
        }
        #expect(plan.moves.map(\.means) == [.nobody])
        #expect(plan.moves.map(\.outageMilliseconds) == [4414], "a second of farewell, and its own wait")
        #expect(plan.notes.contains { $0.contains("it is not known whether `lb2` can take `VI_1` over") })
        #expect(plan.problems.contains { $0.contains("cannot say which role") })
    }

    @Test func `services that cannot be asked for are no services that do not run`() throws {
        let cluster = try TestCluster.make()
        let mute = HostFacts(host: lb1)
        let plan = Planner.plan(
            cluster, purpose: "restart", goal: .restart(["keepalived"], only: nil),
            facts: cluster.nodes.map { ($0, .success(mute)) }, view: try TestCluster.view(owner: lb1))
        #expect(plan.obstacles.count == 2 && plan.obstacles.allSatisfy { $0.contains("which services run") })
        #expect(plan.expected == [lb1, lb2])
    }

    // MARK: Fix

    @Test func `after fix the preferred node preempts`() throws {
        func returns(_ machines: [ObservedCluster.Machine]) throws -> [PredictedMove] {
            try ObservedCluster(machines).plan.returns
        }
        let leftover = ObservedCluster.Machine("lb1", holds: "203.0.113.50/24", nil, priority: 150)
        let owner = ObservedCluster.Machine("lb2", holds: "203.0.113.50/24", .master, priority: 100)
        let back = try #require(try returns([leftover, owner]).first)
        #expect(back.from == lb2 && back.to == lb1 && back.means == .preempt)
        #expect(back.delay == .init(milliseconds: 3414, after: .start))
        let lower = ObservedCluster.Machine("lb1", holds: "203.0.113.50/24", nil, priority: 50)
        #expect(try returns([lower, owner]).isEmpty)
        // Nobody owns it: the started node does, after its master-down time.
        let dead = [
            ObservedCluster.Machine("lb1", nil, priority: 150),
            ObservedCluster.Machine("lb2", nil, priority: 100),
        ]
        let first = try #require(try returns(dead).first)
        #expect(first.to == lb1 && first.means == .election && first.outageMilliseconds == 3414)
    }
}
