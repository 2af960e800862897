import Facts
import Inventory
import Remote
import Testing

@testable import Rollout

/// What becomes of servers of haproxy on all nodes of a cluster.
struct ServerPlanTests {
    private static let since = "2026-12-01T18:20:00Z"

    private func name(_ text: String) throws -> ServerName {
        let parts = text.split(separator: "/")
        return try #require(ServerName(backend: parts[0], server: parts[1]))
    }

    /// What a node says whose servers these are.
    private func node(
        _ servers: [String: ServerStates.Server], kept: [KeptServer] = [],
        _ change: (inout ServerStates) -> Void = { _ in }
    ) throws -> HostFacts {
        var states = ServerStates()
        states.socket = "/run/haproxy/admin.sock"
        states.level = .admin
        states.processes = 1
        for (text, server) in servers { states.servers[try name(text)] = server }
        change(&states)
        var facts = HostFacts(host: HostID("lb1"))
        facts.set(ServerStatesFact.self, to: states)
        facts.set(KeptServersFact.self, to: kept)
        facts.set(PendingFact.self, to: PendingWork())
        var row = HAProxyHealth.Row(proxy: "web", server: "web2", status: "UP")
        row.sessions = 3
        facts.set(HAProxyHealthFact.self, to: HAProxyHealth(rows: [row]))
        return facts
    }

    private func plan(
        _ change: ServerChange, _ selectors: String..., on facts: [HostFacts], by who: String = "ops@desk"
    ) throws -> ServerPlan {
        let cluster = try TestCluster.make()
        return ServerPlanner.plan(
            change, try selectors.map { try #require(ServerSelector($0)) }, in: cluster, reason: "kernel",
            facts: Array(zip(cluster.nodes, facts.map { .success($0) })), who: who, since: Self.since)
    }

    private static let up = ServerStates.Server(isUp: true, weight: 100, configuredWeight: 100)
    private static let drained = ServerStates.Server(
        isUp: true, flags: .drain, weight: 100, configuredWeight: 100)
    private static let pair = ["web/web1": up, "web/web2": up]

    private func kept(_ change: (inout KeptServer) -> Void = { $0.state = .drain }) throws -> KeptServer {
        var line = KeptServer(name: try name("web/web2"), who: "eve@desk", since: "2026-11-30T00:00:00Z")
        change(&line)
        return line
    }

    @Test func `a drain says what is left to serve and what every node keeps of it`() throws {
        let facts = try node(Self.pair)
        let plan = try plan(.drain, "web2", on: [facts, facts])
        #expect(
            plan.obstacles.isEmpty && plan.purpose == "drain web/web2" && !plan.isEmpty
                && plan.emptied.isEmpty)
        #expect(plan.backends.map { "\($0.node) \($0.before) \($0.after)" } == ["lb1 2 1", "lb2 2 1"])
        let part = try #require(plan.nodes.first)
        #expect(
            part.lines(of: .drain) == "web web2 drain -" && part.linesBack(of: .drain) == "web web2 ready -")
        #expect(part.servers.map(\.sessions) == [3])
        #expect(part.keptAfter.map(\.line) == ["web\tweb2\tdrain\t-\tops@desk\t\(Self.since)\t-\tkernel"])
    }

    @Test func `the last server that serves is told by its backend, a backup counts where nobody else does`()
        throws
    {
        let facts = try node(["web/web1": Self.drained, "web/web2": Self.up])
        #expect(try plan(.drain, "web/web2", on: [facts, facts]).emptied == ["web"])
        #expect(
            try plan(.weigh(#require(ServerWeight("0"))), "web/web2", on: [facts, facts]).emptied == ["web"])
        // It serves nobody already.
        let down = try node(["web/web1": Self.drained, "web/web2": ServerStates.Server(isUp: false)])
        #expect(try plan(.drain, "web/web2", on: [down, down]).emptied.isEmpty)
        var backup = try node(Self.pair)
        var row = HAProxyHealth.Row(proxy: "web", server: "web2", status: "UP")
        row.isBackup = true
        backup.set(HAProxyHealthFact.self, to: HAProxyHealth(rows: [row]))
        let replaced = try plan(.drain, "web1", on: [backup, backup])
        #expect(replaced.backends.map { [$0.before, $0.after] } == [[1, 1], [1, 1]])
    }

    @Test func `what is so and kept so on every node is nothing to do, and stays its first author's`() throws
    {
        let done = try node(["web/web1": Self.up, "web/web2": Self.drained], kept: [kept()])
        #expect(try plan(.drain, "web2", on: [done, done]).isEmpty)
        // haproxy was reloaded by a signal on one of them.
        let lost = try node(Self.pair, kept: [kept()])
        let again = try plan(.drain, "web2", on: [done, lost])
        #expect(again.nodes.map(\.isEmpty) == [true, false])
        #expect(try again.nodes[1].keptAfter == [kept()])
    }

    @Test func `enable ends all that is kept, also of a server that is gone, and goes back to what was`()
        throws
    {
        let half = ServerStates.Server(isUp: true, flags: .drain, weight: 50, configuredWeight: 100)
        let line = try kept {
            $0.state = .drain
            $0.weight = ServerWeight("50%")
        }
        let facts = try node(["web/web1": Self.up, "web/web2": half], kept: [line])
        let plan = try plan(.enable, "web/web2", on: [facts, facts])
        let part = try #require(plan.nodes.first)
        #expect(part.keptAfter.isEmpty && part.lines(of: .enable) == "web web2 ready 100%")
        #expect(part.linesBack(of: .enable) == "web web2 drain 50")
        #expect(plan.backends.map { [$0.before, $0.after] } == [[1, 2], [1, 2]])

        let gone = try node(["web/web1": Self.up], kept: [kept()])
        let forgetting = try self.plan(.enable, "web2", on: [gone, gone])
        #expect(forgetting.obstacles.isEmpty && !forgetting.isEmpty)
        #expect(forgetting.nodes[0].lines(of: .enable) == "" && forgetting.nodes[0].keptAfter.isEmpty)
    }

    @Test func `a weight and a drain are kept beside each other, and 100% ends the weight alone`() throws {
        let facts = try node(["web/web1": Self.up, "web/web2": Self.drained], kept: [kept()])
        let half = try plan(.weigh(#require(ServerWeight("50%"))), "web2", on: [facts, facts])
        #expect(half.purpose == "weight web/web2 50%")
        #expect(
            half.nodes[0].keptAfter.map { "\($0.words) by \($0.who)" } == [
                "drained, at weight 50% by ops@desk"
            ])
        #expect(half.nodes[0].lines(of: half.change) == "web web2 - 50%")
        #expect(half.nodes[0].linesBack(of: half.change) == "web web2 - 100")
        let both = try node(
            [
                "web/web1": Self.up,
                "web/web2": ServerStates.Server(isUp: true, flags: .drain, weight: 50, configuredWeight: 100),
            ],
            kept: half.nodes[0].keptAfter)
        let whole = try plan(.weigh(.configured), "web2", on: [both, both])
        #expect(whole.nodes[0].keptAfter.map(\.words) == ["drained"])
    }

    @Test func `what cannot be done on one node is refused by its name, with a hint`() throws {
        let well = try node(Self.pair)
        func refusal(_ facts: HostFacts, _ change: ServerChange = .drain) throws -> String {
            let plan = try plan(change, "web/web2", on: [well, facts])
            return plan.obstacles.joined(separator: "\n")
        }
        let low = try refusal(node(Self.pair) { $0.level = .operator })
        #expect(low.hasPrefix("`lb2`: haproxy's socket /run/haproxy/admin.sock is of level operator"))
        #expect(low.contains("\nhint: ") && low.contains("level admin"))
        #expect(
            try refusal(node(Self.pair) { $0.processes = 4 }).contains("`lb2`: haproxy runs with nbproc 4"))
        #expect(
            try refusal(node(["web/web1": Self.up])).hasPrefix("`lb2`: its haproxy has no server web/web2"))
        #expect(
            try refusal(node([:]) { $0.socket = nil }).contains("`lb2`: no runtime socket of haproxy answers")
        )
        #expect(
            try refusal(node([:]) { ($0.socket, $0.hasClient) = (nil, false) }).contains("install socat"))
        let one = ServerStates.Server(isUp: true)
        let weightless = try refusal(
            node(["web/web1": one, "web/web2": one]), .weigh(#require(ServerWeight("50%"))))
        #expect(weightless.contains("50% of web/web2's configured weight 1 is 0"))
        var disabled = Self.drained
        disabled.flags = [.maintenance, .disabled]
        #expect(
            try refusal(node(["web/web1": one, "web/web2": disabled]), .enable).contains("disables web/web2"))
        var locked = well
        locked.set(
            PendingFact.self,
            to: PendingWork(
                lock: LockHolder(who: "eve", run: "r", what: "apply", processID: "1", since: "now")))
        #expect(try refusal(locked).hasPrefix("`lb2`: locked by eve"))
    }

    @Test func `a node that does not answer, or cannot say what is kept there, leaves it unknown`() throws {
        let cluster = try TestCluster.make()
        var mute = HostFacts(host: HostID("lb2"))
        mute.set(ServerStatesFact.self, to: ServerStates())
        let selector = try #require(ServerSelector("web2"))
        let plan = ServerPlanner.plan(
            .drain, [selector], in: cluster, reason: "",
            facts: [(cluster.nodes[0], .success(try node(Self.pair))), (cluster.nodes[1], .success(mute))],
            who: "",
            since: "")
        #expect(plan.unreachable.keys.map(\.name) == ["lb2"])
    }

    @Test func `a name means one server, or that server of every backend`() throws {
        let facts = try node(Self.pair.merging(["api/web2": Self.up, "api/web9": Self.up]) { $1 })
        #expect(
            try plan(.drain, "web2", on: [facts, facts]).servers.map(\.description) == [
                "api/web2", "web/web2",
            ])
        #expect(try plan(.drain, "web/web2", on: [facts, facts]).servers.map(\.description) == ["web/web2"])
        let none = try plan(.drain, "web3", on: [facts, facts])
        #expect(none.nodes.isEmpty && none.known.count == 4)
        for bad in ["", "/", "a/b/c", "web/", "a b", "w*"] { #expect(ServerSelector(bad) == nil, "\(bad)") }
    }
}
