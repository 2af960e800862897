import Addresses
package import Facts
import HAProxy
import Keepalived
import Remote

/// One backend as the balancers see it.
struct BackendView {
    var name: String
    /// Balancers that see no server of it up, with the proof of each.
    var down: [(node: DoctorNode, evidence: [Evidence])] = []
    /// Balancers that see it up, with what each says of its servers; nothing where only the log tells of it.
    var up: [Seen] = []

    struct Seen {
        var node: DoctorNode
        var servers: [HAProxyHealth.Row]
        private let byName: [String: HAProxyHealth.Row]

        init(node: DoctorNode, servers: [HAProxyHealth.Row]) {
            self.node = node
            self.servers = servers
            byName = Dictionary(servers.map { ($0.server, $0) }) { first, _ in first }
        }

        subscript(name: String) -> HAProxyHealth.Row? { byName[name] }

        var lastServer: HAProxyHealth.Row? { servers.lastServer }

        func evidence(of server: HAProxyHealth.Row) -> Evidence {
            Evidence(.daemon, on: node.name, "\(server.proxy)/\(server.server) is \(server.words)")
        }
    }

    /// All backends by name, as haproxy reports them over its socket or in its log.
    ///
    /// - `atFirst`: by the first of two looks.
    static func all(in observation: ClusterObservation, atFirst: Bool = false) -> [BackendView] {
        var views: [String: BackendView] = [:]
        for node in observation.reachable where !observation.isCutOff(node) {
            guard let health = (atFirst ? node.before : node.after)?.known(HAProxyHealthFact.self),
                // Whoever answers on its socket runs, whatever its unit says. A log alone may be of a haproxy that has ended.
                !health.rows.isEmpty || observation.isProxyRunning(on: node)
            else { continue }
            for (name, sight) in Self.backends(health, on: node) {
                var view = views[name] ?? BackendView(name: name)
                switch sight {
                case .down(let evidence): view.down.append((node, evidence))
                case .up(let servers): view.up.append(Seen(node: node, servers: servers))
                }
                views[name] = view
            }
        }
        return views.values.sorted { $0.name < $1.name }
    }

    private enum Sight {
        case down([Evidence])
        case up([HAProxyHealth.Row])
    }

    private static func backends(_ health: HAProxyHealth, on node: DoctorNode) -> [(String, Sight)] {
        guard health.rows.isEmpty else {
            let servers = Dictionary(grouping: health.rows.filter { $0.kind == .server }, by: \.proxy)
            return health.rows.filter { $0.kind == .backend }.map { row in
                let seen = Seen(node: node, servers: servers[row.proxy] ?? [])
                return row.status == "DOWN"
                    ? (row.proxy, .down(seen.servers.map(seen.evidence))) : (row.proxy, .up(seen.servers))
            }
        }
        // Without a socket, the log's last entry on each backend counts.
        var last: [String: (isDown: Bool, line: String)] = [:]
        for line in health.log {
            if line.contains("no server available") {
                let words = line.split { " '".contains($0) }
                if let index = words.firstIndex(of: "backend"), words.indices.contains(index + 1) {
                    last[String(words[index + 1])] = (true, line)
                }
            } else if line.contains(" is UP"),
                let server = line.split(separator: " ").first(where: { $0.contains("/") })
            {
                last[String(server.prefix { $0 != "/" })] = (false, line)
            }
        }
        return last.map {
            ($0.key, $0.value.isDown ? .down([Evidence(.journal, on: node.name, $0.value.line)]) : .up([]))
        }
    }

    /// A server as the balancers see it that see its backend up.
    func sights(of server: String) -> [(seen: Seen, row: HAProxyHealth.Row)] {
        up.compactMap { seen in seen[server].map { (seen, $0) } }
    }

    /// The servers by the order of the files.
    var servers: [String] { up.flatMap { $0.servers.map(\.server) }.uniqued() }

    /// Whether balancers differ on a server: whether it takes sessions, how many of them, or whether there is one.
    func isSeenDifferently(_ server: String) -> Bool {
        let sights = sights(of: server)
        let told = up.count { !$0.servers.isEmpty }
        guard told > 1 else { return false }
        let states = sights.map(\.row.comparedState).uniqued()
        // A server that is down has whatever weight.
        let weights = sights.filter(\.row.state.takesSessions).compactMap(\.row.weight).uniqued()
        return sights.count < told || states.count > 1 || weights.count > 1
    }
}

extension [HAProxyHealth.Row] {
    /// Of the servers of one backend, the one that is left of several.
    fileprivate var lastServer: HAProxyHealth.Row? {
        let serving = filter(\.state.takesSessions)
        return serving.count == 1 && count > 1 ? serving.first : nil
    }
}

extension HAProxyHealth {
    /// The servers that are left of several in their backends.
    package var lastServers: [Row] {
        let servers = Dictionary(grouping: rows.filter { $0.kind == .server }, by: \.proxy)
        return rows.filter { $0.kind == .backend }.compactMap { servers[$0.proxy]?.lastServer }
    }
}

extension HAProxyHealth.Row {
    /// Its state, where only what becomes of new sessions counts.
    var comparedState: HAProxyHealth.ServerState { state == .unchecked ? .up : state }

    /// Its status, for how long, and why: "DOWN for 2 min: L4CON, Connection refused".
    var words: String {
        let since = changedSeconds.map { " for \(Duration.seconds($0).roughly)" } ?? ""
        guard kind == .server, !state.takesSessions else { return status + since }
        let reasons = [check, checkMessage ?? "", agent.map { "agent \($0)" } ?? "", agentMessage ?? ""]
        let why = reasons.filter { !$0.isEmpty }.uniqued().joined(separator: ", ")
        return status + since + (why.isEmpty ? "" : ": \(why)")
    }
}

extension DoctorNode {
    /// Why it reaches no server of a backend, where its own interfaces say so: one is down, or has lost its address.
    func brokenPath(to backend: String) -> [Evidence] {
        guard let file = before?.known(FilesFact.self)?[ConfigurationEvidence.haproxyFile],
            file.kind == .regular
        else { return [] }
        let servers = HAProxyConfiguration(path: ConfigurationEvidence.haproxyFile, bytes: file.contents)
            .servers
        let names = Set(
            (after?.known(HAProxyHealthFact.self)?.rows ?? []).filter { $0.proxy == backend }.map(\.server))
        let addresses = servers.filter { names.isEmpty || names.contains($0.name) }
            .compactMap(\.endpoint.address).filter { !$0.isLoopback }.uniqued()
        var broken: [Evidence] = []
        for address in addresses {
            let near = interfaces.filter { interface in
                interface.addresses.contains { $0.cidr.contains(address) }
            }
            guard !near.contains(where: { $0.isUp && $0.hasCarrier }) else { return [] }
            broken += near.map { interface in
                Evidence(
                    .kernel, on: name,
                    "\(interface.name), in the network of \(address), \(interface.isUp ? "has no carrier" : "is down")"
                )
            }
        }
        return broken.uniqued()
    }
}
