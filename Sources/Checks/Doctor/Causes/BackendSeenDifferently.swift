import Facts
import Keepalived
import Remote

/// Balancers disagree on a server.
///
/// Condition: two balancers see a backend up, and differ on one of its servers: one gives it new sessions and another does not,
/// or they give it different weights, or one does not know it. Doctor sees it twice.
/// Why: after a failover other servers have other shares of the load; one that only some see down has a fault on its path to
/// them, and a state or a weight that was set on one socket is not set on the other.
/// Remedy: check the path from the balancer that sees it down; set state and weight alike on all; or write them.
struct BackendSeenDifferently: Cause {
    static let id = DoctorID.backendSeenDifferently

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        let earlier = Dictionary(
            BackendView.all(in: observation, atFirst: true).map { ($0.name, $0) }
        ) { first, _ in first }
        return BackendView.all(in: observation).flatMap { backend in
            let before = earlier[backend.name]
            return backend.servers.compactMap { server -> Diagnosis? in
                guard backend.isSeenDifferently(server),
                    // What one checks a second later than the other is the same for both in the next look.
                    before?.isSeenDifferently(server) != false
                else { return nil }
                let sights = backend.sights(of: server)
                let absent = backend.up.filter { !$0.servers.isEmpty && $0[server] == nil }
                let down = sights.filter { $0.row.state == .down }.map(\.seen.node.name)
                let fix =
                    !absent.isEmpty
                    ? "let haproxy read the same servers on all: haops lint --nodes compares their files"
                    : !down.isEmpty
                        ? "check the path from \(joined(down)) to it: the other balancers see it otherwise"
                        : "set it alike on all balancers, or reload haproxy where it was set: a reload forgets it"
                return Diagnosis(
                    Self.id, severity: .warning, nodes: (sights.map(\.seen) + absent).map(\.node.name),
                    "the balancers disagree on server `\(server)` of backend `\(backend.name)`: \(Self.words(sights, absent))",
                    effect: "a failover gives the load of `\(backend.name)` to other servers",
                    fix: fix,
                    evidence: sights.map { sight in
                        var evidence = sight.seen.evidence(of: sight.row)
                        if sight.row.state.takesSessions, let weight = sight.row.weight {
                            evidence.text += ", with weight \(weight)"
                        }
                        return evidence
                    }
                        + absent.map {
                            Evidence(.daemon, on: $0.node.name, "does not know \(backend.name)/\(server)")
                        })
            }
        }
    }

    /// "UP on lb1, DOWN on lb2", "weight 100 on lb1, 10 on lb2".
    private static func words(
        _ sights: [(seen: BackendView.Seen, row: HAProxyHealth.Row)], _ absent: [BackendView.Seen]
    ) -> String {
        let states = sights.map(\.row.comparedState).uniqued()
        func grouped(_ value: (HAProxyHealth.Row) -> String) -> [String] {
            sights.map { value($0.row) }.uniqued().map { each in
                let nodes = sights.filter { value($0.row) == each }.map(\.seen.node.name)
                return "\(each) on \(joined(nodes))"
            }
        }
        var words =
            states.count > 1 || !absent.isEmpty
            ? grouped(\.status) : grouped { "weight \($0.weight.map(String.init) ?? "?")" }
        if !absent.isEmpty { words.append("unknown to \(joined(absent.map(\.node.name)))") }
        return words.joined(separator: ", ")
    }
}
