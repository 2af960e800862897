import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote
import Testing

@testable import Rollout

/// What keepalived would read anew is judged before any verb lets it, and what it runs already is not.
@Suite struct PendingConfigurationsTests {
    private static let instance = """
        vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            priority 100
            virtual_ipaddress {
                203.0.113.50/24
            }
        }

        """
    /// lb1's own address as a virtual one.
    private static let hostile = """
        vrrp_instance VI_X {
            state BACKUP
            interface eth0
            virtual_router_id 77
            priority 200
            virtual_ipaddress {
                198.51.100.11/24
            }
        }

        """

    private func node(
        _ name: String, _ text: String, live: [(name: String, id: Int, address: String)]? = nil,
        priority: Int = 100, runs: Bool = true
    ) throws -> HostFacts {
        var facts = HostFacts(host: HostID(name))
        let service = ServiceState(isRunning: runs, isEnabled: true, detail: "")
        facts.set(ServicesFact.self, to: ["keepalived": service])
        facts.set(LoadTimesFact.self, to: LoadTimes(["keepalived": 100]))
        facts.set(
            ConfigurationFilesFact.self,
            to: ConfigurationEvidence(files: [
                ConfigurationEvidence.usualMainFile: FileState(
                    kind: .regular, modified: 50, contents: Array(text.utf8))
            ]))
        let own = name == "lb1" ? "198.51.100.11/24" : "198.51.100.12/24"
        facts.set(
            InterfacesFact.self,
            to: [Interface(name: "eth0", addresses: [Interface.Held(cidr: try #require(CIDR(own)))])])
        var daemon = KeepalivedDaemon(pid: runs ? 7 : nil, hasChild: runs)
        if runs {
            daemon.roleSource = .daemon
            daemon.state = LiveState(
                instances: (live ?? [("VI_1", 51, "203.0.113.50/24")]).map {
                    LiveState.Instance(
                        name: $0.name, role: .backup, interface: "eth0", routerID: $0.id,
                        basePriority: priority, addresses: [$0.address])
                })
        }
        facts.set(KeepalivedFact.self, to: daemon)
        return facts
    }

    private func plan(_ second: HostFacts, _ goal: ClusterPlan.Goal? = nil) throws -> ClusterPlan {
        var cluster = try TestCluster.make()
        cluster.isLearned = true
        let first = try node(
            "lb1", Self.instance.replacing("priority 100", with: "priority 150"), priority: 150)
        let facts = [(TestCluster.lb1, first), (TestCluster.lb2, second)]
        return Planner.plan(
            cluster, purpose: "restart keepalived", goal: goal ?? .restart(["keepalived"], only: nil),
            facts: zip(cluster.nodes, facts).map { ($0, .success($1.1)) },
            view: ClusterViewer.view(of: cluster, nodes: facts.map { ($0.0, .success($0.1)) }, observers: []))
    }

    private func obstacles(_ second: HostFacts, _ goal: ClusterPlan.Goal? = nil) throws -> [String] {
        try plan(second, goal).obstacles
    }

    @Test func `what runs as it is written is in nobody's way`() throws {
        #expect(try obstacles(node("lb2", Self.instance)) == [])
    }

    @Test func `an address that is another machine's own is not loaded`() throws {
        let found = try obstacles(node("lb2", Self.instance + Self.hostile))
        #expect(
            found.contains {
                $0.contains("`lb2`") && $0.contains("198.51.100.11") && $0.contains("lb1's own")
            },
            "\(found)")
    }

    @Test func `nor by a keepalived that is started`() throws {
        let found = try obstacles(node("lb2", Self.instance + Self.hostile, runs: false))
        #expect(found.contains { $0.contains("198.51.100.11") }, "\(found)")
    }

    @Test func `nor is the node's own`() throws {
        let text = Self.instance + Self.hostile.replacing("198.51.100.11", with: "198.51.100.12")
        #expect(try obstacles(node("lb2", text)).contains { $0.contains("lb2's own") })
    }

    @Test func `what a daemon stands for already does not keep it from being restarted`() throws {
        let live = [("VI_1", 51, "203.0.113.50/24"), ("VI_X", 77, "198.51.100.11/24")]
        #expect(try obstacles(node("lb2", Self.instance + Self.hostile, live: live)) == [])
    }

    @Test func `whatever brings the file, it is judged`() throws {
        let text = Self.instance + Self.hostile
        var desired = DesiredNode(
            files: [
                DesiredFile(
                    path: ConfigurationEvidence.usualMainFile, contents: Array(text.utf8),
                    role: .keepalivedConfig)
            ], services: ["keepalived": DesiredNode.Service()])
        var facts = try node("lb2", Self.instance)
        facts.set(
            FilesFact.self,
            to: facts.known(ConfigurationFilesFact.self)?.files ?? [:])
        for wasInForce in [false, true] {
            desired.wasInForce = wasInForce
            #expect(
                try obstacles(facts, .converge([TestCluster.lb2: desired]))
                    .contains { $0.contains("198.51.100.11") })
        }
    }

    @Test func `a mistake that is new in a file is not loaded, and one that runs already does not matter`()
        throws
    {
        let bad = Self.instance.replacing("virtual_router_id 51", with: "virtual_router_id 52")
        let found = try obstacles(node("lb2", bad))
        #expect(found.contains { $0.contains("lint: `") }, "\(found)")
        // lb2 runs with it: a restart changes nothing.
        #expect(try obstacles(node("lb2", bad, live: [("VI_1", 52, "203.0.113.50/24")])) == [])
    }

    @Test func `a restart that would leave haproxy dead is refused`() throws {
        var facts = try node("lb2", Self.instance)
        var evidence = try #require(facts.known(ConfigurationFilesFact.self))
        evidence.files["/etc/haproxy/haproxy.cfg"] = FileState(
            kind: .regular, contents: Array("frontend web\n bind 203.0.113.50:81\n".utf8))
        facts.set(ConfigurationFilesFact.self, to: evidence)
        facts.set(
            ServicesFact.self,
            to: [
                "haproxy": ServiceState(isRunning: true, detail: ""),
                "keepalived": .init(isRunning: true, detail: ""),
            ])
        facts.set(
            HAProxyFact.self,
            to: HAProxyState(
                isRunning: true,
                listening: [.init(address: .v4(0), port: 81, process: "nginx")]))
        let found = try obstacles(facts, .restart(["haproxy"], only: nil))
        #expect(found.contains { $0.contains("`lb2`") && $0.contains("nginx") }, "\(found)")
        #expect(try obstacles(facts, .restart(["keepalived"], only: nil)) == [])
    }

    // MARK: - The gate

    @Test func `who was told to read must run what is written, and nobody else`() throws {
        let cluster = try TestCluster.make()
        var view = try TestCluster.view(owner: TestCluster.lb1)
        view.nodes[TestCluster.lb2]?.unread = [
            "haproxy": "haproxy has not taken it", "keepalived": "nor has it",
        ]
        let both: Set = [TestCluster.lb1, TestCluster.lb2]
        #expect(view.problems(of: cluster, expected: both).isEmpty)
        var expectedAbsences = ExpectedAbsences()
        expectedAbsences.mustHaveRead = ["haproxy"]
        let after = view.excluding([TestCluster.lb2: expectedAbsences])
        #expect(
            after.problems(of: cluster, expected: both).map(\.description) == [
                "`lb2`: haproxy has not taken it"
            ])
    }

    @Test func `a plan expects of the daemons that it tells, and only afterwards`() throws {
        let plan = try plan(node("lb2", Self.instance))
        #expect(plan.nodes.allSatisfy { $0.absentAfter.mustHaveRead == ["keepalived"] })
        #expect(plan.nodes.allSatisfy { $0.absentBefore.mustHaveRead.isEmpty })
    }
}
