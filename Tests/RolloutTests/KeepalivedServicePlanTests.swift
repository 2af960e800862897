import Facts
import Inventory
import Remote
import Rendering
import Testing

@testable import Rollout

/// What systemd is to read beside keepalived's unit: there with the first script of a stop, away with the last.
@Suite struct KeepalivedServicePlanTests {
    private func cluster(stop: [String]) throws -> Cluster {
        var cluster = try TestCluster.make()
        cluster.keepalived?.notify = NotifySettings(hooks: [.master: ["/opt/a"], .stop: stop])
        return cluster
    }

    /// The plan of a node that has all files of `before` and is to be as `after` says.
    private func plan(
        _ after: Cluster, before: Cluster, serviceManager: SystemInfo.ServiceManager = .systemd,
        needsReload: Bool = false,
        change: (inout [String: FileState]) -> Void = { _ in }
    ) throws -> NodePlan {
        let old = try #require(try render(before) { _ in nil }.first)
        let new = try #require(try render(after) { _ in nil }.first)
        let desired = DesiredNode(new, of: after)
        var files = Dictionary(desired.files.map { ($0.path, FileState.absent) }) { first, _ in first }
        for file in old.files {
            files[file.path] = FileState(
                kind: .regular, mode: file.mode, owner: "root:root", modified: 0, contents: file.contents)
        }
        change(&files)
        var facts = HostFacts(host: new.node.id)
        facts.set(FilesFact.self, to: files)
        facts.set(SystemFact.self, to: SystemInfo(hostname: "lb1", serviceManager: serviceManager, now: 0))
        var service = ServiceState(isRunning: true, isEnabled: true, detail: "")
        service.needsReload = needsReload
        facts.set(ServicesFact.self, to: ["keepalived": service])
        facts.set(LoadTimesFact.self, to: LoadTimes(["keepalived": 100]))
        return NodePlanner(node: new.node, facts: facts, desired: desired, cluster: after).plan()
    }

    private func shown(_ plan: NodePlan) -> [String] {
        plan.files.filter { $0.path == NodePaths.keepalivedService }.map {
            "\($0.kind.rawValue) \($0.effect.rawValue)"
        }
    }

    @Test func `it comes and goes with the scripts of a stop, and touches no daemon`() throws {
        let (with, without) = (try cluster(stop: ["/opt/a"]), try cluster(stop: []))
        let coming = try plan(with, before: without)
        #expect(shown(coming) == ["create none"] && coming.keepalived == .none)
        #expect(try plan(with, before: with).isEmpty)
        let going = try plan(without, before: with)
        #expect(shown(going) == ["delete none"] && going.keepalived == .none)
        #expect(try plan(without, before: without).isEmpty)
    }

    @Test func `what somebody has changed in it is drift, and what systemd has not read too`() throws {
        let with = try cluster(stop: ["/opt/a"])
        let edited = try plan(with, before: with) { $0[NodePaths.keepalivedService]?.contents += [10] }
        #expect(shown(edited) == ["update none"])
        let unread = try plan(with, before: with, needsReload: true)
        #expect(shown(unread) == ["not-loaded none"])
        #expect(unread.files.first?.reasons.first?.contains("systemd has not read") == true)
    }

    @Test func `nodes with init scripts do without it`() throws {
        let (with, without) = (try cluster(stop: ["/opt/a"]), try cluster(stop: []))
        #expect(try shown(plan(with, before: without, serviceManager: .initScripts)) == [])
    }

    @Test func `a cluster without keepalived says nothing of it`() throws {
        var cluster = try cluster(stop: ["/opt/a"])
        cluster.keepalived = nil
        let rendered = try #require(try render(cluster) { _ in nil }.first)
        #expect(
            !DesiredNode(rendered, of: cluster).files.contains { $0.role == .keepalivedService })
        #expect(!mayShip(to: NodePaths.keepalivedService))
    }
}
