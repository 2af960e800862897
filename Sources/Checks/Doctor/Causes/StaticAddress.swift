import Addresses
import Facts
import Keepalived
import Remote

/// A virtual address was set on a node by another program than keepalived.
///
/// Condition: a node whose keepalived runs and is not MASTER has the address; or the node's network configuration
/// contains it.
/// Why: the node answers for the address at all times, whichever node is MASTER.
/// Remedy: remove it from the network configuration, and delete it from the interface. A machine's own address must
/// stay: see `vip-machine-address`.
struct StaticAddress: Cause {
    static let id = DoctorID.staticVIP

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node -> Diagnosis? in
            let foreign = SecondKeepalived.addresses(on: node)
            let stayed = observation.stayedVIPs(on: node).filter { !foreign.contains($0) }.filter {
                !node.isDead || node.staticLine(naming: $0) != nil
            }.filter { observation.own.owner(of: $0) == nil }
            let configured = observation.routers.filter { $0.nodes.contains(node.name) }
                .flatMap { $0.addresses.sorted() }.uniqued()
                .filter { node.staticLine(naming: $0) != nil && observation.own.owner(of: $0) == nil }
            let vips = (stayed + configured).uniqued()
            guard !vips.isEmpty else { return nil }
            let words = vips.map(\.description)
            let deletions = vips.compactMap { vip in
                node.interfaces.first { $0.addresses.contains { $0.cidr.address == vip } }.flatMap {
                    interface in
                    interface.addresses.first { $0.cidr.address == vip }
                        .map { "ip addr del \($0.cidr) dev \(interface.name)" }
                }
            }
            let written = vips.compactMap { node.staticLine(naming: $0) }
            let lines = written.map { Evidence(.file($0.path, line: $0.number), on: node.name, $0.text) }
            let removals = written.map { $0.removal(on: node.name) }.uniqued()
            return Diagnosis(
                Self.id, nodes: [node.name],
                "\(joined(words)) on \(node.name) was added manually, not by keepalived",
                effect: "\(node.name) answers for it even while another node is MASTER",
                fix: (removals + (stayed.isEmpty ? [] : deletions)).joined(separator: "; then "),
                evidence: lines + stayed.flatMap { observation.probeResult(on: $0) }
                    + stayed.compactMap { node.prefixDifference(of: $0) },
                explains: Set(
                    stayed.map { .orphan($0) } + stayed.map { .staleARP($0) } + stayed.map { .unsettled($0) })
            )
        }
    }
}
