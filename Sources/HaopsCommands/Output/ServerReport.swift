import Facts
import Inventory
import Remote
import Rollout

/// What is done to servers of haproxy, node by node, and what is left to serve.
struct ServerReport: Sendable {
    var plans: [ServerPlan]

    func report(style: Style) -> Report {
        let document = ServersDocument(clusters: plans.map(ServersDocument.ClusterEntry.init))
        return Report(
            command: plans.first?.change.verb ?? "", document,
            text: plans.map { text($0, style) }.joined(separator: "\n"))
    }

    private func text(_ plan: ServerPlan, _ style: Style) -> String {
        func line(_ words: String, after head: String = "") -> String {
            Wrapped(words.safeOnOneLine, indent: 4, width: style.width).text(after: "  " + head)
        }
        var text = style(.strong, "cluster \(plan.cluster.name.safeOnOneLine)") + ": \(plan.purpose)\n"
        let entry = ServersDocument.ClusterEntry(plan)
        if !entry.servers.isEmpty { text += ServersDocument.table(entry.servers).text(style, indent: 2) }
        for (words, isLast) in effects(plan) {
            text += line(words, after: isLast ? style(.bad, "outage:") + " " : "")
        }
        for obstacle in plan.obstacles {
            let lines = obstacle.split(separator: "\n").map(String.init)
            for (index, words) in lines.enumerated() {
                text += line(words, after: index == 0 ? style(.bad, "in the way:") + " " : "  ")
            }
        }
        for note in plan.notes { text += line(note, after: style(.faint, "note:") + " ") }
        guard plan.obstacles.isEmpty else {
            return text + "  \(style(.bad, "refused")): nothing was changed\n"
        }
        if plan.isEmpty { return text + "  \(style(.good, "nothing to do")): it is so on every node\n" }
        let names = plan.servers.map(\.description)
        switch plan.change {
        case .enable: text += line("the nodes keep nothing of \(names.enumeration) any more")
        case .drain, .weigh:
            text += line(
                "lasts until haops enable \(names.joined(separator: " ")), through reloads, restarts and reboots"
            )
        }
        return text
    }

    /// "web: 2 serving → 1", and by node where they differ.
    private func effects(_ plan: ServerPlan) -> [(words: String, isLast: Bool)] {
        Set(plan.backends.map(\.backend)).sorted().map { backend in
            let effects = plan.backends.filter { $0.backend == backend }
            func words(_ effect: ServerPlan.BackendEffect) -> String {
                "\(effect.before) serving → \(effect.after)"
            }
            let isLast = effects.contains(where: \.isLast)
            let all = Set(effects.map(words))
            let shown =
                all.count == 1
                ? all.first ?? "" : effects.map { "\(words($0)) on \($0.node)" }.joined(separator: ", ")
            return ("\(backend): \(shown)" + (isLast ? ": nothing of it would serve" : ""), isLast)
        }
    }
}

/// What is done to servers of haproxy.
struct ServersDocument: OutputDocument, Codable {
    struct ClusterEntry: Codable, Sendable {
        var cluster: String
        /// `drain web/web2`.
        var purpose: String
        /// Why it is refused; empty where it is not.
        var obstacles: [String]
        var notes: [String]
        var servers: [Server]
        var backends: [Backend]

        init(_ plan: ServerPlan) {
            cluster = plan.cluster.name
            purpose = plan.purpose
            obstacles = plan.obstacles
            notes = plan.notes
            servers = plan.nodes.flatMap { part in
                part.servers.map { Server($0, on: part.node.id, of: plan.cluster.name) }
            }
            backends = plan.backends.map {
                Backend(
                    cluster: plan.cluster.name, node: $0.node.name, backend: $0.backend, serving: $0.before,
                    servingThen: $0.after)
            }
        }
    }

    /// One server as one node has it.
    struct Server: Codable, Sendable {
        var cluster: String
        var node: String
        var backend: String
        var server: String
        /// As haproxy's statistics have it; `null` where there is no such server any more.
        var status: String?
        /// `ready`, `drain` or `maint`.
        var state: String?
        var stateThen: String?
        var weight: Int?
        var weightThen: Int?
        /// In haproxy.cfg.
        var configuredWeight: Int?
        var sessions: Int?

        init(_ part: ServerPlan.ServerPart, on node: HostID, of cluster: String) {
            self.cluster = cluster
            self.node = node.name
            backend = part.name.backend
            server = part.name.server
            status = part.status
            state = part.now?.state
            stateThen = part.then?.state
            weight = part.now?.weight
            weightThen = part.then?.weight
            configuredWeight = part.now?.configuredWeight
            sessions = part.sessions
        }

        /// "ready", "drain, weight 50 of 100".
        static func words(_ state: String?, _ weight: Int?, of configured: Int?) -> String {
            guard let state else { return "gone" }
            guard let weight, let configured, weight != configured else { return state }
            return "\(state), weight \(weight) of \(configured)"
        }
    }

    struct Backend: Codable, Sendable {
        var cluster: String
        var node: String
        var backend: String
        /// Servers that take new sessions.
        var serving: Int
        var servingThen: Int
    }

    var clusters: [ClusterEntry]

    var table: Table { Self.table(clusters.flatMap(\.servers)) }

    static func table(_ servers: [Server]) -> Table {
        Table(
            columns: ["server", "node", "status", "now", "then", "sessions"],
            rows: servers.map { server in
                [
                    Table.Cell("\(server.backend)/\(server.server)", .strong), Table.Cell(server.node),
                    Table.Cell(server.status ?? "-"),
                    Table.Cell(Server.words(server.state, server.weight, of: server.configuredWeight)),
                    Table.Cell(
                        Server.words(server.stateThen, server.weightThen, of: server.configuredWeight)),
                    Table.Cell(server.sessions.map(String.init) ?? "-"),
                ]
            })
    }
}
