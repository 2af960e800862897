import Facts
import FoundationEssentials
import HaopsTestSupport
import Inventory
import Keepalived
import Remote
import Rendering
import Testing

@testable import Rollout

/// What lint makes of the files that an apply would write, for the keepalived that each node has.
struct PreflightTests {
    /// The obstacles and notes of `lb1` and `lb2`, of an inventory that is the shipped one with a change.
    private func judged(
        by releases: [KeepalivedVersion], _ change: (String) -> String = { $0 }
    ) throws -> [NodePlan] {
        let text = change(
            try String(contentsOfFile: LabFixture.project + "/inventories/lab.yaml", encoding: .utf8))
        let fleet = try readFleet(yaml: Array(text.utf8), file: "lab.yaml", directory: "/")
        let cluster = try #require(fleet.clusters.first)
        let rendered = try render(cluster) { _ in Secret("k33palv") }
        var preflight = Preflight()
        for (node, release) in zip(cluster.nodes, releases) {
            var facts = HostFacts(host: node.id)
            facts.set(KeepalivedFact.self, to: KeepalivedDaemon(version: release))
            preflight.add(facts, of: node, in: cluster)
        }
        var plan = ClusterPlan(
            cluster: cluster, purpose: "apply",
            nodes: cluster.nodes.map { NodePlan(node: $0, keepalived: .reload) }, goal: .converge([:]))
        preflight.addLintFindings(of: rendered, to: &plan)
        return plan.nodes
    }

    private static let current = KeepalivedVersion(2, 2, 7)

    @Test func `what haops ships has no error and no warning`() throws {
        let nodes = try judged(by: [Self.current, KeepalivedVersion(2, 0, 10)])
        #expect(nodes.flatMap(\.obstacles).isEmpty && nodes.flatMap(\.notes).isEmpty)
    }

    @Test func `an error in raw lines is in the way of its node`() throws {
        func strict(_ text: String) -> String {
            text.replacing("    haproxy:\n", with: "      extra: { VI_1: strict_mode on }\n    haproxy:\n")
        }
        let nodes = try judged(by: [Self.current, Self.current], strict)
        for node in nodes {
            #expect(node.obstacles.count == 1)
            #expect(
                node.obstacles.first?.hasPrefix("lint: `strict` at /etc/keepalived/keepalived.conf:") == true)
        }
    }

    @Test func `a release that follows no files is told how to do without`() throws {
        let old = try judged(by: [KeepalivedVersion(1, 3, 5), Self.current])
        #expect(
            old[0].obstacles.first?.contains("keepalived 1.3.5 does not follow files, as 2.0.0 does") == true)
        #expect(old[0].obstacles.first?.contains("write `handover: false`") == true)
        #expect(old[1].obstacles.isEmpty)
        let without = try judged(by: [KeepalivedVersion(1, 3, 5), Self.current]) {
            $0.replacing("router_id: 51\n", with: "router_id: 51\n          handover: false\n")
        }
        #expect(without.flatMap(\.obstacles).isEmpty, "\(without.flatMap(\.obstacles))")
    }
}
