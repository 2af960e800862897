import Addresses
import Facts
import Inventory
import Remote
import Rendering
import Testing

@testable import Rollout

/// The same facts make the same plan: what is found different, what it asks of the daemons, and in which order.
@Suite struct PlannerTests {
    private let path = NodePaths.keepalivedConfig
    private let proxy = NodePaths.haproxyConfig

    /// A keepalived.conf of the test cluster's.
    private func configuration(
        _ priority: Int, routerID: Int = 51, addresses: [String] = ["203.0.113.50/24"]
    ) -> String {
        """
        vrrp_instance VI_1 {
            interface eth0
            virtual_router_id \(routerID)
            priority \(priority)
            virtual_ipaddress {
        \(addresses.map { "        \($0) dev eth1\n" }.joined())    }
        }

        """
    }

    private func state(_ text: String?, modified: Int = 0, mode: Int = 0o640) -> FileState {
        guard let text else { return .absent }
        return FileState(kind: .regular, mode: mode, modified: modified, contents: Array(text.utf8))
    }

    private func facts(
        _ node: HostID, _ files: [String: FileState], running: Bool = true, installed: Bool? = nil,
        loaded: Int = 100
    ) -> HostFacts {
        var facts = HostFacts(host: node)
        facts.set(FilesFact.self, to: files)
        let service = ServiceState(
            isInstalled: installed ?? running, isRunning: running, isEnabled: running, detail: "")
        facts.set(ServicesFact.self, to: ["keepalived": service, "haproxy": service])
        facts.set(LoadTimesFact.self, to: LoadTimes(["keepalived": loaded, "haproxy": loaded]))
        return facts
    }

    private func desired(_ keepalived: String, haproxy: String? = nil) -> DesiredNode {
        var files = [
            DesiredFile(path: path, contents: Array(keepalived.utf8), mode: 0o640, role: .keepalivedConfig)
        ]
        if let haproxy {
            files.append(
                DesiredFile(path: proxy, contents: Array(haproxy.utf8), mode: 0o640, role: .haproxyConfig))
        }
        return DesiredNode(
            files: files, services: ["keepalived": DesiredNode.Service(), "haproxy": DesiredNode.Service()])
    }

    private func plan(
        _ cluster: Cluster, _ goal: [HostID: DesiredNode], _ facts: [HostFacts],
        owner: HostID = TestCluster.lb1, only: Set<HostID>? = nil
    ) throws -> ClusterPlan {
        Planner.plan(
            cluster, purpose: "apply", goal: .converge(goal, only: only),
            facts: cluster.nodes.map { node in
                (
                    node,
                    facts.first { $0.host == node.id }.map { .success($0) }
                        ?? .failure(.unreachable(host: node.id, cause: "no route", hint: nil))
                )
            }, view: try TestCluster.view(owner: owner))
    }

    /// A pair in which `old` stands on both nodes and `new` is wanted.
    private func pair(
        from old: (Int) -> String, to new: (Int) -> String, haproxy: (old: String, new: String)? = nil,
        only: Set<HostID>? = nil
    ) throws -> ClusterPlan {
        var goal: [HostID: DesiredNode] = [:]
        var answers: [HostFacts] = []
        for (node, priority) in [(TestCluster.lb1, 150), (TestCluster.lb2, 100)] {
            goal[node] = desired(new(priority), haproxy: haproxy?.new)
            var files = [path: state(old(priority))]
            if let haproxy { files[proxy] = state(haproxy.old) }
            answers.append(facts(node, files))
        }
        return try plan(TestCluster.make(), goal, answers, only: only)
    }

    @Test func `one node alone is not made deaf to the others`() throws {
        let lb2 = TestCluster.lb2
        let alone = try pair(
            from: { configuration($0) }, to: { configuration($0, routerID: 61) }, only: [lb2])
        #expect(alone.obstacles.count == 1)
        #expect(alone.obstacles[0].hasPrefix("`lb2`: it would reject the adverts of `lb1`"))

        let harmless = try pair(
            from: { configuration($0) },
            to: { configuration($0).replacing("eth1", with: "eth1 label eth1:0") }, only: [lb2])
        #expect(harmless.obstacles.isEmpty)
        #expect(harmless.nodes.filter { !$0.isEmpty }.map(\.node.id) == [lb2])

        // It is brought back into agreement with a node that has the change already.
        let joining = try pair(
            from: { configuration($0, routerID: $0 == 150 ? 61 : 51) },
            to: { configuration($0, routerID: 61) }, only: [lb2])
        #expect(joining.obstacles.isEmpty)
        #expect(joining.nodes.filter { !$0.isEmpty }.map(\.node.id) == [lb2])
    }

    @Test func `what is as it should be needs nothing`() throws {
        let plan = try pair(from: { configuration($0) }, to: { configuration($0) })
        #expect(plan.isEmpty && plan.steps.isEmpty && plan.moves.isEmpty && plan.problems.isEmpty)
    }

    @Test func `a file that says the same in other words is replaced and nobody is told`() throws {
        let plan = try pair(from: { "# by hand\n" + configuration($0) }, to: { configuration($0) })
        #expect(plan.nodes.allSatisfy { $0.keepalived == .none && $0.files.map(\.kind) == [.update] })
        #expect(plan.moves.isEmpty)
    }

    @Test func `the owner is changed last and its addresses are handed over`() throws {
        let plan = try pair(
            from: { configuration($0) },
            to: { configuration($0).replacing("eth1", with: "eth1 label eth1:0") })
        #expect(plan.nodes.map(\.node.id) == [TestCluster.lb2, TestCluster.lb1])
        #expect(plan.nodes.allSatisfy { $0.keepalived == .reload })
        #expect(plan.moves.map(\.from) == [TestCluster.lb1])
        #expect(plan.moves.map(\.means) == [.handover])
        #expect(plan.together.isEmpty)
    }

    @Test func `what would divide the nodes is one step for all of them`() throws {
        let moved = try pair(from: { configuration($0) }, to: { configuration($0, routerID: 61) })
        #expect(moved.together == [TestCluster.lb2, TestCluster.lb1])
        #expect(moved.moves.map(\.means) == [.election])
        // RFC 3768 section 6.1: three intervals and (256 - 150) / 256 s.
        #expect(moved.moves.first?.outageMilliseconds == 3414)
        let more = try pair(
            from: { configuration($0) },
            to: { configuration($0, addresses: ["203.0.113.50/24", "203.0.113.51/24"]) })
        #expect(more.together == [TestCluster.lb2, TestCluster.lb1])
        #expect(more.moves.isEmpty, "the owner stays MASTER through the reload")
    }

    @Test func `only what a node does not know yet is not missed there`() throws {
        let plan = try pair(
            from: { configuration($0, addresses: ["203.0.113.51/24"]) }, to: { configuration($0) },
            haproxy: ("frontend web\n    bind 203.0.113.50:80\n", "frontend web\n    bind 203.0.113.50:81\n"))
        let address = try #require(IPAddress("203.0.113.50"))
        for node in plan.nodes {
            #expect(node.absentBefore.addresses == [address])
            #expect(node.absentAfter.addresses.isEmpty)
        }
        var view = try TestCluster.view(owner: TestCluster.lb1)
        view.nodes[TestCluster.lb1]?.holds = []
        let cluster = try TestCluster.make()
        let expectedAbsences = Dictionary(
            uniqueKeysWithValues: plan.nodes.map { ($0.node.id, $0.absentBefore) })
        #expect(view.problems(of: cluster, expected: plan.expected).count == 1)
        #expect(view.excluding(expectedAbsences).problems(of: cluster, expected: plan.expected).isEmpty)
    }

    @Test func `nodes that all leave hand nothing over to each other`() throws {
        let gone = DesiredNode(
            files: [DesiredFile(path: path, contents: nil, role: .keepalivedConfig)],
            services: ["keepalived": DesiredNode.Service(runs: false, isEnabled: false)])
        let nodes = [(TestCluster.lb1, 150), (TestCluster.lb2, 100)]
        let plan = try plan(
            TestCluster.make(), [TestCluster.lb1: gone, TestCluster.lb2: gone],
            nodes.map { facts($0.0, [path: state(configuration($0.1))]) })
        #expect(plan.nodes.map(\.keepalived) == [.stop, .stop])
        #expect(plan.moves.map(\.from) == [TestCluster.lb1] && plan.moves.map(\.means) == [.end])
    }

    @Test func `a file that was written after the daemon read it is pending`() throws {
        let text = configuration(150)
        let plan = try plan(
            TestCluster.make(), [TestCluster.lb1: desired(text)],
            [
                facts(TestCluster.lb1, [path: state(text, modified: 500)], loaded: 100),
                facts(TestCluster.lb2, [:]),
            ])
        let change = try #require(plan.nodes.first { $0.node.id == TestCluster.lb1 }?.files.first)
        #expect(change.kind == .notLoaded && change.effect == .reload)
    }

    @Test(arguments: [false, true])
    func `a bare node is set up and nothing is foretold to move`(isInstalled: Bool) throws {
        let cluster = try TestCluster.make()
        let goal = Dictionary(
            uniqueKeysWithValues: cluster.nodes.map { ($0.id, desired(configuration(100))) })
        let answers = cluster.nodes.map {
            facts($0.id, [path: .absent], running: false, installed: isInstalled)
        }
        let plan = Planner.plan(
            cluster, purpose: "apply", goal: .converge(goal),
            facts: zip(cluster.nodes, answers).map { ($0, .success($1)) },
            view: ClusterView(
                nodes: Dictionary(
                    uniqueKeysWithValues: cluster.nodes.map {
                        ($0.id, NodeView(keepalivedRuns: false, haproxyRuns: false))
                    })))
        #expect(plan.nodes.map(\.node.id) == [TestCluster.lb1, TestCluster.lb2], "the preferred node first")
        #expect(
            plan.nodes.allSatisfy {
                $0.keepalived == .start && $0.haproxy == .start && $0.enable.contains("keepalived")
            })
        #expect(plan.moves.isEmpty && plan.problems.isEmpty && plan.expected.isEmpty)
    }

    @Test func `what was closed on the node stays closed and what is open is closed`() throws {
        func change(from mode: Int, owner: String = "root:adm", _ text: String) throws -> FileChange? {
            let before = FileState(
                kind: .regular, mode: mode, owner: owner, contents: Array(configuration(100).utf8))
            return try plan(
                TestCluster.make(), [TestCluster.lb1: desired(text)], [facts(TestCluster.lb1, [path: before])]
            ).nodes.flatMap(\.files).first
        }
        let closed = try #require(try change(from: 0o600, configuration(150)))
        #expect(closed.mode == 0o600 && closed.owner == "root:adm")
        #expect(!closed.reasons.joined().contains("becomes"))
        let open = try #require(try change(from: 0o644, configuration(150)))
        #expect(open.mode == 0o640 && open.reasons.last == "mode 0644 becomes 0640")
        #expect(try change(from: 0o600, configuration(100)) == nil)
        #expect(try change(from: 0o644, configuration(100))?.kind == .mode)
    }

    @Test func `changes of files with other owners read as one`() throws {
        let keys = try ["root:root", "root:adm"].map { owner in
            let before = FileState(
                kind: .regular, mode: 0o640, owner: owner, contents: Array(configuration(100).utf8))
            return try plan(
                TestCluster.make(), [TestCluster.lb1: desired(configuration(150))],
                [facts(TestCluster.lb1, [path: before])]
            ).nodes.flatMap(\.files).first?.foldingKey
        }
        #expect(keys[0] != nil && keys[0] == keys[1])
    }

    @Test func `what is no file is an obstacle and a node that is away is named`() throws {
        let directory = FileState(kind: .other("directory"))
        let plan = try plan(
            TestCluster.make(), [TestCluster.lb1: desired(configuration(150))],
            [facts(TestCluster.lb1, [path: directory])])
        #expect(plan.obstacles == ["`lb1`: `\(path)` is a directory: haops does not replace it"])
        #expect(Array(plan.unreachable.keys) == [TestCluster.lb2])
    }

    @Test func `two plans that do the same have one fingerprint`() throws {
        let plan = try pair(from: { configuration($0) }, to: { configuration($0, routerID: 61) })
        let same = try pair(from: { configuration($0) }, to: { configuration($0, routerID: 61) })
        let other = try pair(from: { configuration($0) }, to: { configuration($0, routerID: 62) })
        #expect(plan.fingerprint == same.fingerprint)
        #expect(plan.fingerprint != other.fingerprint)
    }

    @Test func `another secret is another plan though no diff shows it`() throws {
        func change(to password: String) throws -> ClusterPlan {
            try pair(
                from: { configuration($0) },
                to: { configuration($0) + "# auth_pass \(password)\n" })
        }
        let (one, two) = (try change(to: "s3cret-1"), try change(to: "s3cret-2"))
        #expect(one.nodes.map { $0.files.map(\.foldingKey) } == two.nodes.map { $0.files.map(\.foldingKey) })
        #expect(one.fingerprint != two.fingerprint)
        #expect(one.fingerprint == (try change(to: "s3cret-1")).fingerprint)
        #expect(!one.fingerprint.contains("s3cret"))
    }
}
