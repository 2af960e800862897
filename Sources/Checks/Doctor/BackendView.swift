import Addresses
import Facts
import HAProxy
import Keepalived
import Remote

/// One backend as the balancers see it.
struct BackendView {
    var name: String
    /// Balancers that see no server of it up, with the proof of each.
    var down: [(node: DoctorNode, evidence: [Evidence])] = []
    /// Balancers that see it up, with the servers that each sees down.
    var up: [(node: DoctorNode, downServers: [(name: String, evidence: Evidence)])] = []

    /// All backends by name, as haproxy reports them over its socket or in its log.
    static func all(in observation: ClusterObservation) -> [BackendView] {
        var views: [String: BackendView] = [:]
        for node in observation.reachable
        where observation.isProxyRunning(on: node) && !observation.isCutOff(node) {
            guard let health = node.after?.known(HAProxyHealthFact.self) else { continue }
            for (name, seen) in Self.backends(health, on: node.name) {
                var view = views[name] ?? BackendView(name: name)
                switch seen {
                case .down(let evidence): view.down.append((node, evidence))
                case .up(let servers): view.up.append((node, servers))
                }
                views[name] = view
            }
        }
        return views.values.sorted { $0.name < $1.name }
    }

    private enum Seen {
        case down([Evidence])
        case up(downServers: [(name: String, evidence: Evidence)])
    }

    private static func backends(_ health: HAProxyHealth, on node: String) -> [(String, Seen)] {
        guard health.rows.isEmpty else {
            return health.rows.filter { $0.server == "BACKEND" }.map { row in
                let servers = health.rows.filter {
                    $0.proxy == row.proxy && !["BACKEND", "FRONTEND"].contains($0.server)
                }
                func evidence(_ server: HAProxyHealth.Row) -> Evidence {
                    Evidence(
                        .daemon, on: node,
                        "\(server.proxy)/\(server.server) is \(server.status) \(server.check)")
                }
                return row.status == "DOWN"
                    ? (row.proxy, .down(servers.map(evidence)))
                    : (
                        row.proxy,
                        .up(
                            downServers: servers.filter { $0.status.hasPrefix("DOWN") }.map {
                                ($0.server, evidence($0))
                            })
                    )
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
            (
                $0.key,
                $0.value.isDown ? .down([Evidence(.journal, on: node, $0.value.line)]) : .up(downServers: [])
            )
        }
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
