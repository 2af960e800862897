import Addresses
import Facts
import Keepalived
import Remote

/// A balancer reaches no server of a backend, although they serve.
///
/// Condition: haproxy on this node sees no server of the backend up, and haproxy on another node sees one; or the node's
/// own interface to the servers is down.
/// Why: the fault is between this node and the servers: its interface, a cable, a route, a filter, its own check.
/// Remedy: repair that path; `track_interface` keeps such a node from taking the addresses over.
struct BackendPath: Cause {
    static let id = DoctorID.backendPath

    /// Whether an interface that has put the node's instances in FAULT is a finding here, and not elsewhere.
    var includesFaults = false

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        // By node: one path serves all backends behind it.
        var found: [(node: DoctorNode, backends: [String], evidence: [Evidence], others: [String])] = []
        for backend in BackendView.all(in: observation) {
            for (node, evidence) in backend.down {
                let broken = node.brokenPath(to: backend.name)
                guard !broken.isEmpty || !backend.up.isEmpty else { continue }
                // What puts the node's instances in FAULT is reported as that.
                if !includesFaults, !broken.isEmpty, observation.isInFaultByInterface(node) { continue }
                let all = broken + evidence
                let others = backend.up.map(\.node.name)
                if let known = found.firstIndex(where: { $0.node.id == node.id }) {
                    found[known].backends.append(backend.name)
                    found[known].evidence += all
                    found[known].others = (found[known].others + others).uniqued()
                } else {
                    found.append((node, [backend.name], all, others))
                }
            }
        }
        return found.map { node, backends, evidence, others in
            let vips = observation.after.filter { $0.trueOwner == node.id }.map(\.vip.description)
            let names = backends.map { "`\($0)`" }
            let compared =
                others.isEmpty ? "" : ", and \(joined(others)) \(others.count == 1 ? "does" : "do")"
            return Diagnosis(
                Self.id, nodes: [node.name],
                "\(node.name) reaches no server of \(joined(names))\(compared): the fault is on its own path",
                effect: !vips.isEmpty
                    ? "\(node.name) owns \(joined(vips)): every request ends with 503"
                    : observation.after.isEmpty || observation.after.contains { $0.trueOwner == nil }
                        ? "whatever \(node.name) is asked ends with 503"
                        : "after a failover to \(node.name), every request would end with 503",
                fix:
                    "on \(node.name): ip -brief link; ip route get the servers' addresses; then repair the path",
                evidence: evidence)
        }
    }
}
