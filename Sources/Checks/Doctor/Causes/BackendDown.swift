import Facts
import Keepalived

/// No server of a backend is up.
///
/// Condition: haproxy reports it over its socket or in its log, on every node where it runs, and no node's own path explains
/// it.
/// Why: requests end with 503, whichever node holds the address.
/// Remedy: check the servers, then the check that haproxy makes.
struct BackendDown: Cause {
    static let id = DoctorID.backendAllDown

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        BackendView.all(in: observation).compactMap { backend in
            // A node whose own path is broken says nothing of the servers.
            let down = backend.down.filter { $0.node.brokenPath(to: backend.name).isEmpty }
            guard backend.up.isEmpty, !down.isEmpty else { return nil }
            let names = down.map(\.node.name)
            return Diagnosis(
                Self.id, nodes: names,
                "backend `\(backend.name)` has no server that is up, as \(joined(names)) \(names.count == 1 ? "sees" : "see") it",
                effect: "every request to it ends with 503",
                fix:
                    "check the servers of `\(backend.name)`; if they are healthy, the check that haproxy makes",
                evidence: down.flatMap(\.evidence))
        }
    }
}
