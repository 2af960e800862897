import Facts
import Keepalived
import Remote

/// Some servers of a backend are down, and several others serve.
///
/// Condition: haproxy reports it over its socket, and all balancers that see the backend up agree.
/// Why: the others carry the load alone; when they fail too, requests end with 503.
/// Remedy: check that server; if it is healthy, the check that haproxy makes.
struct BackendServerDown: Cause {
    static let id = DoctorID.backendServerDown

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        BackendView.all(in: observation).flatMap { backend in
            backend.servers.compactMap { server -> Diagnosis? in
                // What balancers disagree on, and a backend with one server left, are findings of their own.
                guard !backend.isSeenDifferently(server) else { return nil }
                let sights = backend.sights(of: server).filter {
                    $0.row.state == .down && $0.seen.lastServer == nil
                }
                guard !sights.isEmpty else { return nil }
                let names = sights.map(\.seen.node.name)
                return Diagnosis(
                    Self.id, severity: .warning, nodes: names,
                    "server `\(server)` of backend `\(backend.name)` is down, as \(joined(names)) \(names.count == 1 ? "sees" : "see") it",
                    effect: "the other servers of `\(backend.name)` carry its load",
                    fix: "check the server; if it is healthy, the check that haproxy makes",
                    evidence: sights.map { $0.seen.evidence(of: $0.row) })
            }
        }
    }
}
