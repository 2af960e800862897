import Facts
import Inventory
import Remote

/// Works out what becomes of servers on all nodes of a cluster. Pure: the same facts give the same plan.
enum ServerPlanner {
    /// - `facts`: every node's, or why there are none.
    /// - `who`, `since`: of what is kept.
    static func plan(
        _ change: ServerChange, _ selectors: [ServerSelector], in cluster: Cluster, reason: String,
        facts: [(node: Node, facts: Result<HostFacts, RemoteError>)], who: String, since: String
    ) -> ServerPlan {
        var plan = ServerPlan(cluster: cluster, change: change, selectors: selectors, reason: reason)
        var answers: [Answer] = []
        for (node, answer) in facts {
            switch Answer.make(node, answer) {
            case .success(let answer): answers.append(answer)
            case .failure(let error): plan.unreachable[node.id] = error
            }
        }
        let live = Set(answers.flatMap(\.states.servers.keys))
        // What is kept of a server that is gone from haproxy.cfg can be ended, and nothing else.
        let kept = change == .enable ? Set(answers.flatMap(\.kept).map(\.name)) : []
        plan.known = live.union(kept).sorted()
        let meant = plan.known.filter { name in selectors.contains { $0.matches(name) } }
        // Where no server is known, a node that cannot be asked is the reason.
        guard !meant.isEmpty || answers.contains(where: { $0.states.socket == nil }) else { return plan }
        plan.obstacles = answers.flatMap { $0.obstacles(to: change, meant) }
        plan.notes = answers.compactMap(\.note)
        guard !meant.isEmpty else { return plan }
        plan.nodes = answers.map { $0.part(change, meant, reason: reason, who: who, since: since) }
        plan.backends = effects(plan, answers)
        return plan
    }

    private static func effects(_ plan: ServerPlan, _ answers: [Answer]) -> [ServerPlan.BackendEffect] {
        let backends = Set(plan.servers.map(\.backend)).sorted()
        return backends.flatMap { backend in
            zip(answers, plan.nodes).map { answer, part in
                let now = answer.states.servers.filter { $0.key.backend == backend }
                var then = now
                for server in part.servers where server.name.backend == backend {
                    then[server.name] = server.then
                }
                return ServerPlan.BackendEffect(
                    backend: backend, node: answer.node.id, before: answer.serving(now),
                    after: answer.serving(then))
            }
        }
    }
}

/// What one node has said of its servers.
private struct Answer {
    var node: Node
    var states: ServerStates
    var kept: [KeptServer]
    var rows: [ServerName: HAProxyHealth.Row]
    var pending: PendingWork?
    var runs: Bool?
    var hasSystemd: Bool

    static func make(_ node: Node, _ answer: Result<HostFacts, RemoteError>) -> Result<Answer, RemoteError> {
        answer.flatMap { facts in
            facts.answer(to: ServerStatesFact.self, "which servers its haproxy has").flatMap { states in
                facts.answer(to: KeptServersFact.self, "which servers haops keeps out of service there").map {
                    kept in
                    let rows = (facts.known(HAProxyHealthFact.self)?.rows ?? []).compactMap { row in
                        ServerName(backend: row.proxy, server: row.server).map { ($0, row) }
                    }
                    let service = facts.known(ServicesFact.self)?["haproxy"]
                    return Answer(
                        node: node, states: states, kept: kept, rows: Dictionary(rows) { first, _ in first },
                        pending: facts.known(PendingFact.self), runs: service?.isRunning,
                        hasSystemd: facts.known(SystemFact.self)?.serviceManager != .initScripts
                            && service?.isInstalled != false)
                }
            }
        }
    }

    /// How many servers take new sessions: those that are not a backup, or else the backups.
    func serving(_ servers: [ServerName: ServerStates.Server]) -> Int {
        let serving = servers.filter(\.value.isServing).keys
        let first = serving.count { rows[$0]?.isBackup != true }
        return first > 0 ? first : serving.count
    }

    /// What the operator should know of the node.
    var note: String? {
        guard !hasSystemd else { return nil }
        return
            "`\(node.id)` has no systemd unit of haproxy: after a restart of haproxy it is set again by the next run of haops, not by the node"
    }

    func part(
        _ change: ServerChange, _ meant: [ServerName], reason: String, who: String, since: String
    ) -> ServerPlan.NodePart {
        let servers = meant.compactMap { name -> ServerPlan.ServerPart? in
            let now = states.servers[name]
            guard now != nil || kept.contains(where: { $0.name == name }) else { return nil }
            return ServerPlan.ServerPart(
                name: name, now: now, then: now.map(change.applied(to:)), status: rows[name]?.status,
                sessions: rows[name]?.sessions)
        }
        var after = kept.filter { line in !servers.contains { $0.name == line.name } }
        for server in servers {
            let before = kept.first { $0.name == server.name }
            let new = KeptServer(name: server.name, who: who, since: since, reason: reason)
            if let line = change.kept(before: before, new: new) { after.append(line) }
        }
        return ServerPlan.NodePart(
            node: node, servers: servers, keptBefore: kept, keptAfter: after.sorted { $0.name < $1.name })
    }

    /// Why nothing can be done here.
    func obstacles(to change: ServerChange, _ meant: [ServerName]) -> [String] {
        let reasons = pending.map { Rollout.reasonsToWait([node.id: $0]) } ?? []
        guard reasons.isEmpty else { return reasons }
        guard let socket = states.socket else {
            if !states.hasClient {
                return [
                    "`\(node.id)`: nothing there can talk to haproxy's runtime socket\nhint: install socat, perl, or an nc with -U"
                ]
            }
            if runs == false { return ["`\(node.id)`: haproxy does not run"] }
            return [
                "`\(node.id)`: no runtime socket of haproxy answers\nhint: \(Self.socketHint("/run/haproxy/admin.sock"))"
            ]
        }
        guard states.level == .admin || states.level == .unknown else {
            return [
                "`\(node.id)`: haproxy's socket \(String.shown(socket)) is of level \(states.level.rawValue), which may not change servers\nhint: \(Self.socketHint(String.shown(socket)))"
            ]
        }
        if let processes = states.processes, processes > 1 {
            return [
                "`\(node.id)`: haproxy runs with nbproc \(processes), and its socket changes one of these processes alone\nhint: use nbthread"
            ]
        }
        return meant.compactMap { obstacle(to: change, $0) }
    }

    private func obstacle(to change: ServerChange, _ name: ServerName) -> String? {
        guard let now = states.servers[name] else {
            return change == .enable
                ? nil
                : "`\(node.id)`: its haproxy has no server \(name)\nhint: haops lint --nodes shows how the nodes' files differ"
        }
        let configured = now.configuredWeight
        if case .weigh(let weight) = change, weight.number > 0, weight.inForce(configured: configured) == 0 {
            return
                "`\(node.id)`: \(weight) of \(name)'s configured weight \(configured) is 0: it would get nothing\nhint: give the servers of \(name.backend) weights that leave room, such as `weight 100`, in haproxy.cfg"
        }
        if change == .enable, now.flags.contains(.disabled), !kept.contains(where: { $0.name == name }) {
            return
                "`\(node.id)`: its haproxy.cfg disables \(name), and would again at the next reload\nhint: remove `disabled` from it there"
        }
        return nil
    }

    private static func socketHint(_ path: String) -> String {
        "`stats socket \(path) mode 660 level admin` in the global section of haproxy.cfg"
    }
}
