import Facts
import Keepalived
import Remote

/// One server of a backend is left.
///
/// Condition: a backend has several servers, and haproxy gives new sessions to one of them alone.
/// Why: when that one fails too, every request ends with 503.
/// Remedy: mend or enable one of the others.
struct BackendLastServer: Cause {
    static let id = DoctorID.backendLastServer

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        BackendView.all(in: observation).flatMap { backend in
            backend.up.compactMap { $0.lastServer?.server }.uniqued().map { server in
                let seen = backend.up.filter { $0.lastServer?.server == server }
                let names = seen.map(\.node.name)
                let others = seen.flatMap(\.servers).filter { !$0.state.takesSessions }.map {
                    "`\($0.server)`"
                }
                .uniqued()
                return Diagnosis(
                    Self.id, severity: .warning, nodes: names,
                    "`\(server)` is the last server of backend `\(backend.name)`, as \(joined(names)) \(names.count == 1 ? "sees" : "see") it",
                    effect: "when it fails too, every request to `\(backend.name)` ends with 503",
                    fix:
                        "check the server\(others.count == 1 ? "" : "s") \(joined(others)); who is healthy may be out of service on purpose, or fail the check that haproxy makes",
                    evidence: seen.flatMap { seen in
                        seen.servers.filter { !$0.state.takesSessions }.map(seen.evidence)
                    })
            }
        }
    }
}
