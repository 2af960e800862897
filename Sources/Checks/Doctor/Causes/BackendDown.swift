import Addresses
import Facts
import Keepalived
import Remote

/// No server of a backend is up.
///
/// Condition: haproxy reports it over its socket or in its log.
/// Why: requests end with 503, whichever node holds the address.
/// Remedy: check the servers, then the check that haproxy makes.
struct BackendDown: Cause {
    static let id = DoctorID.backendAllDown

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        var seen: [String: [(DoctorNode, [Evidence])]] = [:]
        for node in observation.reachable
        where observation.isProxyRunning(on: node) && !observation.isCutOff(node) {
            guard let health = node.after?.known(HAProxyHealthFact.self) else { continue }
            for (backend, evidence) in down(health, on: node.name) {
                seen[backend, default: []].append((node, evidence))
            }
        }
        return seen.sorted { $0.key < $1.key }.map { backend, nodes in
            let names = nodes.map(\.0.name)
            return Diagnosis(
                Self.id, nodes: names,
                "backend `\(backend)` has no server that is up, as \(joined(names)) \(names.count == 1 ? "sees" : "see") it",
                effect: "every request to it ends with 503",
                fix: "check the servers of `\(backend)`; if they are healthy, the check that haproxy makes",
                evidence: nodes.flatMap(\.1))
        }
    }

    private func down(_ health: HAProxyHealth, on node: String) -> [(String, [Evidence])] {
        if !health.rows.isEmpty {
            return health.rows.filter { $0.server == "BACKEND" && $0.status == "DOWN" }.map { row in
                let servers = health.rows.filter {
                    $0.proxy == row.proxy && !["BACKEND", "FRONTEND"].contains($0.server)
                }
                let words = servers.map { "\($0.proxy)/\($0.server) is \($0.status) \($0.check)" }
                return (row.proxy, words.map { Evidence(.daemon, on: node, $0) })
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
        return last.filter(\.value.isDown).map { ($0.key, [Evidence(.journal, on: node, $0.value.line)]) }
    }
}
