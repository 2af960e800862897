import Facts
import Keepalived
import Remote

/// Some servers of a backend are down, and others serve.
///
/// Condition: haproxy reports it over its socket.
/// Why: the others carry the load alone; when they fail too, requests end with 503.
/// Remedy: check that server; where only one balancer sees it down, the path between the two.
struct BackendServerDown: Cause {
    static let id = DoctorID.backendServerDown

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        BackendView.all(in: observation).flatMap { backend -> [Diagnosis] in
            let servers = backend.up.flatMap { $0.downServers.map(\.name) }.uniqued()
            return servers.map { server in
                let seen = backend.up.compactMap { node, down in
                    down.first { $0.name == server }.map { (node: node.name, evidence: $0.evidence) }
                }
                let isOnlySeenBySome = seen.count < backend.up.count
                let names = seen.map(\.node)
                return Diagnosis(
                    Self.id, severity: .warning, nodes: names,
                    "server `\(server)` of backend `\(backend.name)` is down, as \(joined(names)) \(names.count == 1 ? "sees" : "see") it",
                    effect: "the other servers of `\(backend.name)` carry its load",
                    fix: isOnlySeenBySome
                        ? "check the path from \(joined(names)) to it: the other balancers see it up"
                        : "check the server; if it is healthy, the check that haproxy makes",
                    evidence: seen.map(\.evidence))
            }
        }
    }
}
