import Facts
import Inventory
import Keepalived
import Remote
import Testing

@testable import Checks
@testable import Rollout

/// Which node fails, and what forbids it.
struct DrillPlannerTests {
    private let lb1 = TestCluster.lb1
    private let lb2 = TestCluster.lb2

    private func plan(
        _ failure: DrillCase = .stop, on nodes: [HostID] = [], check: String? = nil,
        verdict: ReadinessRow.Verdict = .fine, scripts: [Inventory.TrackScript] = [],
        pending: [HostID: PendingWork] = [:], _ change: (inout ClusterView) -> Void = { _ in },
        row adjust: (inout ReadinessRow) -> Void = { _ in }
    ) throws -> DrillPlan {
        var view = try TestCluster.view(owner: lb1)
        change(&view)
        var cluster = try TestCluster.make()
        cluster.keepalived?.scripts = scripts
        var rows: [ReadinessRow] = []
        if let foretold = failure.foretold {
            var row = ReadinessRow(foretold, of: ["lb1"], subject: failure == .interface ? "eth1" : nil)
            row.owners = ["lb2"]
            row.verdict = verdict
            row.takeover = OutagePrediction(shortest: .milliseconds(600), longest: .milliseconds(600))
            adjust(&row)
            rows = [row]
        }
        let readiness = ClusterReadiness(
            cluster: "web", instances: [.init(name: "VI_1", owner: "lb1", rows: rows)], findings: [])
        return DrillPlanner(
            cluster: cluster, failure: failure, view: view, readiness: readiness, pending: pending,
            unreachable: [:]
        ).plan(on: nodes, check: check)
    }

    private func failed(_ plan: DrillPlan) -> [String] {
        plan.preconditions.filter { !$0.holds }.map(\.what)
    }

    @Test func `the owner fails unless another node is named`() throws {
        let plan = try plan()
        #expect(plan.nodes == [lb1] && !plan.isRefused && plan.instances[0].row?.owners == ["lb2"])
        let backup = try self.plan(on: [lb2])
        #expect(backup.nodes == [lb2] && !backup.isRefused && backup.instances[0].row == nil)
    }

    @Test func `nothing fails where a peer is ill, silent, or the owner not clear`() throws {
        let ill = try plan { $0.nodes[TestCluster.lb2]?.keepalivedRuns = false }
        #expect(failed(ill) == ["every node is healthy"])
        let silent = try plan {
            $0.nodes[TestCluster.lb2] = nil
            $0.silent[TestCluster.lb2] = "no answer"
        }
        #expect(
            failed(silent).contains("every node answers") && failed(silent).contains("`VI_1` has one owner"))
        let split = try plan { $0.nodes[TestCluster.lb2]?.roles["VI_1"] = .master }
        #expect(failed(split).contains("`VI_1` has one owner"))
    }

    @Test func `nothing fails while haops has work under way`() throws {
        var rollback = PendingWork(rollback: .init(run: "x", secondsLeft: 20))
        #expect(failed(try plan(pending: [lb2: rollback])) == [DrillPlanner.nothingPending])
        rollback.rollback?.endsDrill = true
        let other = try plan(pending: [lb1: rollback])
        #expect(other.objections.contains { $0.contains("ends by itself in 20 s") }, "\(other.objections)")
    }

    @Test func `whoever insists may leave an address without service`() throws {
        for verdict in [ReadinessRow.Verdict.nobody, .doesNotServe, .noMove] {
            var plan = try plan(verdict: verdict)
            #expect(plan.isRefused && plan.objections.contains { $0.contains("--accept-outage") })
            plan.isInsisted = true
            #expect(!plan.isRefused)
        }
        #expect(!(try plan(verdict: .leftover).isRefused))
        #expect(!(try plan(.advertsOut, verdict: .twoOwners).isRefused))
    }

    @Test func `a check fails that has a program of its own`() throws {
        let own = Inventory.TrackScript(name: "check_haproxy", run: "/etc/keepalived/check_haproxy.sh")
        let shared = Inventory.TrackScript(name: "pgrep", run: "/usr/bin/pgrep -x haproxy")
        #expect(try plan(.checkFails, scripts: [own]).subject == "/etc/keepalived/check_haproxy.sh")
        #expect(failed(try plan(.checkFails, scripts: [])) == ["one check is named"])
        #expect(failed(try plan(.checkFails, scripts: [own, shared])) == ["one check is named"])
        let named = try plan(.checkFails, check: "pgrep", scripts: [own, shared])
        #expect(failed(named) == ["`pgrep` runs a program of its own"])
    }

    @Test func `an interface fails that ready knows of`() throws {
        #expect(try plan(.interface).devices == [lb1: ["eth1"]])
        #expect(failed(try plan(.interface, on: [lb2])) == ["`ready` foretells it"])
    }

    @Test func `the way back is measured where there is one`() throws {
        #expect(failed(try plan(.failback)) == ["the addresses go back to `lb1`"])
        func goesBack(_ row: inout ReadinessRow) { row.afterwards = .goesBack(to: "lb1", after: .none) }
        #expect(!(try plan(.failback, row: goesBack).isRefused))
        #expect(failed(try plan(.failback, on: [lb2], row: goesBack)) == ["the addresses go back to `lb2`"])
        let stays = try plan(.failback, row: { $0.afterwards = .stays(on: "lb2", why: "nopreempt") })
        #expect(failed(stays) == ["the addresses go back to `lb1`"])
    }

    @Test func `two machines fail at once where ready foretells the pair`() throws {
        let pair = try plan(.crash, on: [lb2, lb1], row: { $0.nodes = ["lb1", "lb2"] })
        #expect(!pair.isRefused && pair.nodeNames == "lb2+lb1" && pair.instances[0].row != nil)
        let two = try plan(.crash, on: [lb1, lb2])
        #expect(two.objections.contains { $0.contains("three or more") }, "\(two.objections)")
        let stop = try plan(.stop, on: [lb1, lb2], row: { $0.nodes = ["lb1", "lb2"] })
        #expect(stop.objections.contains { $0.contains("crash lb1+lb2") }, "\(stop.objections)")
    }

    @Test func `every failure ends, and not before the successor should have taken over`() throws {
        let timing = RolloutTiming(try TestCluster.make())
        for failure in DrillCase.allCases {
            let plan = try plan(failure)
            let longest = Duration.seconds(failure == .reboot ? 300 : 180)
            #expect(plan.endsAfter(timing) >= plan.lasts(timing) && plan.endsAfter(timing) <= longest)
            #expect(plan.lasts(timing) > plan.foretoldLongest ?? .zero)
        }
    }
}
