import Addresses
import Facts
import Keepalived
import Remote

/// haproxy does not run on the owner of the addresses, and the addresses stay there.
///
/// Condition: haproxy is configured and does not run on the node that holds an address.
/// Why: no check tests haproxy, or the check cannot move the address.
/// Remedy: start haproxy; then add a check without a weight, or with a sufficient one.
struct ProxyDownAddressStays: Cause {
    static let id = DoctorID.haproxyDownVIPStays

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node -> Diagnosis? in
            let vips = observation.after.filter { $0.trueOwner == node.id }.map(\.vip)
            guard observation.unexplained.contains(.proxyDown(node: node.name)), !vips.isEmpty else {
                return nil
            }
            let checks = node.configuration?.instances.flatMap(\.trackScripts).map(\.name).uniqued() ?? []
            // If no other node runs haproxy, no check can move the addresses to one.
            let others = observation.reachable.map(\.name).filter {
                $0 != node.name && observation.unexplained.contains(.proxyDown(node: $0))
            }
            let down = [node.name] + others
            let words = vips.map(\.description)
            return Diagnosis(
                Self.id, nodes: [node.name],
                "haproxy does not run on \(node.name), which holds \(joined(words))",
                effect: "connections to \(joined(words)) are refused",
                fix: "systemctl start haproxy on \(joined(down))"
                    + (checks.isEmpty ? "; then let keepalived track it (a script without weight)" : ""),
                evidence: [
                    node.serviceWords("haproxy"),
                    checks.isEmpty
                        ? Evidence(.daemon, on: node.name, "keepalived tracks no script")
                        : Evidence(.daemon, on: node.name, "keepalived tracks \(joined(checks))"),
                ] + vips.flatMap { observation.probeResult(on: $0) },
                explains: Set([.proxyDown(node: node.name)] + vips.map { .dark($0) }))
        }
    }
}
