import Facts
import FoundationEssentials
import HaopsTestSupport
import Inventory
import Remote
import Rendering
import Synchronization
import Testing

@testable import Rollout

/// What a plan of a whole fleet asks of its nodes, and what becomes of answers that only its gates want.
@Suite struct FleetPlanTests {
    /// Counts the sessions that are lent, of which each question takes one.
    private final class Counting: Transport {
        let machines: ScriptedTransport
        let questions = Mutex<[HostID: Int]>([:])

        init(_ machines: ScriptedTransport) { self.machines = machines }

        func withSession<Result: Sendable>(
            to target: SSHTarget, _ body: sending (any RemoteSession) async throws -> Result
        ) async throws -> Result {
            questions.withLock { $0[target.id, default: 0] += 1 }
            return try await machines.withSession(to: target, body)
        }
    }

    private static let interfaces = """
        1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
            link/loopback 00:00:00:00:00:00
        2: eth0: <UP,LOWER_UP> mtu 1500
            link/ether 02:00:00:00:00:0b
            inet 198.51.100.11/24 scope global eth0
        3: eth1: <UP,LOWER_UP> mtu 1500
            link/ether 02:00:00:00:01:0b
            inet 203.0.113.11/24 scope global eth1
        """

    /// A bare machine that answers everything; `more` in place of that.
    private static func bare(_ more: [String: String] = [:]) -> ScriptedTransport.Machine {
        let services = "service=keepalived\nLoadState=not-found\nservice=haproxy\nLoadState=not-found"
        return .says(
            [
                "system":
                    "hostname=lb\nnow=1795990000\nuid=0\nsystemd=1\nmanagers= apt-get\ndistribution=debian",
                "interfaces": interfaces, "neighbours": "", "arp-settings": "", "services": services,
                "keepalived": "",
                "haproxy": "all=", "haops": "", "pending": "", "configuration-files": "",
                "sysctl": "", "packages": "", "load-times": "", "haproxy-load": "", "firewall": "",
                "named-paths": "", "tools": "", "kept-servers": "",
                "segment": "asked=203.0.113.50\nasked=203.0.113.51", "router-ids": "listened=eth0",
            ].merging(more) { $1 })
    }

    /// The answer of a machine that has none of the files that a plan asks for.
    private static func nothing(of rendered: [(cluster: Cluster, nodes: [RenderedNode])]) -> String {
        let paths = rendered.flatMap { cluster, nodes in
            let goal = Rollout.goal(nodes, of: cluster, only: nil)
            return cluster.nodes.flatMap { node in
                Rollout.facts(for: goal, on: node.id).compactMap { $0 as? FilesFact }.flatMap(\.paths)
            }
        }
        return Set(paths).sorted().map { "absent \($0)\n" }.joined()
    }

    /// The plan of the lab's inventory, how often each machine was asked, and for which clusters files were made anew.
    private func plan(
        _ machine: ScriptedTransport.Machine
    ) async throws -> (plan: ClusterPlan, questions: [HostID: Int], again: [[HostID: NodeFamily]]) {
        let text = try String(contentsOfFile: LabFixture.project + "/inventories/lab.yaml", encoding: .utf8)
        let fleet = try readFleet(yaml: Array(text.utf8), file: "lab.yaml", directory: "/")
        let addresses = fleet.clusters.flatMap {
            $0.nodes.map(\.target.host) + $0.observers.map(\.target.host)
        }
        let rendered = try fleet.clusters.map { ($0, try render($0) { _ in Secret("k33palv") }) }
        guard case .says(var sections) = machine else { throw CancellationError() }
        sections["files"] = Self.nothing(of: rendered)
        let transport = Counting(
            ScriptedTransport(
                Dictionary(addresses.map { ($0, .says(sections)) }) { first, _ in first }))
        let again = Mutex<[[HostID: NodeFamily]]>([])
        let plan = try await Rollout(
            transport: transport, operator: Operator(name: "anna@ops", processID: 1)
        ).plan(
            fleet, rendered: rendered, only: Set(fleet.clusters.flatMap { $0.nodes.map(\.id) }), window: 4
        ) { cluster, families in
            again.withLock { $0.append(families) }
            return try render(cluster, families: families) { _ in Secret("k33palv") }
        }
        return (
            try #require(plan.clusters.first), transport.questions.withLock { $0 }, again.withLock { $0 }
        )
    }

    @Test func `each machine is asked once, for the segment too`() async throws {
        let made = try await plan(Self.bare())
        #expect(made.questions == ["lb1": 1, "lb2": 1, "client": 1])
        #expect(made.again.isEmpty, "all nodes are what was taken for granted")
        #expect(made.plan.obstacles.isEmpty, "\(made.plan.obstacles)")
    }

    @Test func `whoever could not ask the segment yet is asked for that again`() async throws {
        let made = try await plan(Self.bare(["segment": ""]))
        #expect(made.questions == ["lb1": 2, "lb2": 1, "client": 1])
        let notes = made.plan.nodes.flatMap(\.notes)
        #expect(notes.contains { $0.contains("check that no other machine has it") }, "\(notes)")
    }

    @Test func `what only the gates want to know is in the way of nothing, what the plan is made of is`()
        async throws
    {
        // A snippet that another one took with it: its section is not there.
        guard case .says(var sections) = Self.bare() else { return }
        for name in ["tools", "named-paths"] { sections[name] = nil }
        #expect(try await plan(.says(sections)).plan.obstacles.isEmpty)
        sections["services"] = nil
        let obstacles = try await plan(.says(sections)).plan.obstacles
        #expect(obstacles.contains { $0.contains("services is missing from the answer") }, "\(obstacles)")
    }

    @Test func `nodes of another family get other files, by the same question`() async throws {
        let made = try await plan(
            Self.bare([
                "system":
                    "hostname=lb\nnow=1795990000\nuid=0\nsystemd=1\nsysconfig=1\nmanagers= dnf\ndistribution=rocky"
            ]))
        #expect(made.questions == ["lb1": 1, "lb2": 1, "client": 1])
        #expect(made.again == [["lb1": .redhat, "lb2": .redhat]])
        let paths = made.plan.nodes.map { $0.files.map(\.path) }
        #expect(
            paths.allSatisfy {
                $0.contains("/etc/sysconfig/keepalived") && !$0.contains("/etc/default/keepalived")
            },
            "\(paths)")
    }
}
