import Addresses
import Facts
import Inventory
import Keepalived
import Remote
import Testing

@testable import Rollout

/// What gates are told of nodes that do not say all.
@Suite struct ClusterViewerTests {
    @Test func `a node that cannot say what addresses it has is silent`() throws {
        let cluster = try TestCluster.make()
        var blind = HostFacts(host: TestCluster.lb2)
        blind.set(
            KeepalivedFact.self,
            to: KeepalivedDaemon(
                pid: 7, state: LiveState(instances: [LiveState.Instance(name: "VI_1", role: .backup)]),
                roleSource: .daemon))
        var owner = HostFacts(host: TestCluster.lb1)
        let vip = try #require(CIDR("203.0.113.50/24"))
        owner.set(
            InterfacesFact.self, to: [Interface(name: "eth0", addresses: [Interface.Held(cidr: vip)])])
        let view = ClusterViewer.view(
            of: cluster, nodes: [(TestCluster.lb1, .success(owner)), (TestCluster.lb2, .success(blind))],
            observers: [])
        #expect(Set(view.nodes.keys) == [TestCluster.lb1])
        #expect(view.silent[TestCluster.lb2]?.contains("cannot say what addresses it has") == true)
        #expect(
            view.problems(of: cluster, expected: [TestCluster.lb1]).contains { $0.node == TestCluster.lb2 })
    }

    @Test func `while the owner is silent nobody is said to hold nothing, to own or to succeed`() throws {
        let cluster = try TestCluster.make()
        var view = try TestCluster.view(owner: TestCluster.lb1)
        let vip = try #require(cluster.keepalived?.instances.first)
        #expect(view.owner(of: vip) == TestCluster.lb1)
        #expect(view.successor(of: vip, leaving: TestCluster.lb1, in: cluster) == TestCluster.lb2)
        view.nodes[TestCluster.lb1] = nil
        #expect(
            view.problems(of: cluster, expected: [TestCluster.lb2]).map(\.description).contains {
                $0.contains("no node holds")
            })
        view.silent[TestCluster.lb1] = "no route"
        let problems = view.problems(of: cluster, expected: [TestCluster.lb2])
        #expect(problems.map(\.description) == ["`lb1`: does not answer: no route"])
        #expect(view.successor(of: vip, leaving: TestCluster.lb2, in: cluster) == nil)
        view.nodes[TestCluster.lb2]?.roles["VI_1"] = .master
        #expect(view.owner(of: vip) == nil, "lb1 may be another")
        view.nodes = [:]
        #expect(view.isServing, "it may be")
    }

    @Test func `what a node cannot say is a problem of its own, and nothing else`() throws {
        var cluster = try TestCluster.make()
        cluster.haproxy = HAProxySettings(frontends: [], backends: [])
        func problems(_ facts: HostFacts) -> [String] {
            ClusterViewer.view(of: cluster, nodes: [(TestCluster.lb1, .success(facts))], observers: [])
                .problems(of: cluster, expected: [TestCluster.lb1]).map(\.text)
        }
        var facts = HostFacts(host: TestCluster.lb1)
        let vip = try #require(CIDR("203.0.113.50/24"))
        facts.set(
            InterfacesFact.self, to: [Interface(name: "eth0", addresses: [Interface.Held(cidr: vip)])])
        let nothing = problems(facts)
        for question in NodeQuestion.allCases where question != .handovers {
            #expect(nothing.contains { $0.hasPrefix("cannot say \(question.rawValue): ") }, "\(nothing)")
        }
        #expect(nothing.count == 4, "\(nothing)")
        let running = ServiceState(isRunning: true, detail: "active")
        facts.set(ServicesFact.self, to: ["keepalived": running, "haproxy": running])
        facts.set(HAProxyFact.self, to: HAProxyState())
        facts.set(KeepalivedFact.self, to: KeepalivedDaemon(pid: 7, hasChild: true))
        #expect(
            problems(facts)
                == ["cannot say which role its keepalived has: it runs, but its state cannot be read"])
        facts.set(
            KeepalivedFact.self,
            to: KeepalivedDaemon(
                pid: 7, state: LiveState(instances: [.init(name: "VI_1", role: .backup)]), roleSource: .daemon
            ))
        #expect(problems(facts) == ["holds 203.0.113.50 without being MASTER of `VI_1`"])
    }

    @Test func `nothing is mended while a node cannot say what addresses it has`() throws {
        var blind = ObservedCluster.Machine("lb2", .backup)
        blind.isBlind = true
        let leftover = ObservedCluster.Machine("lb1", holds: "203.0.113.50/24", nil, priority: 150)
        #expect(try ObservedCluster([leftover, blind]).plan.unreachable.keys.map(\.name) == ["lb2"])
    }
}
