import Addresses
import Facts
import Keepalived
import Remote

/// A virtual address stayed on a node whose keepalived died.
///
/// Condition: the node has the address, and no keepalived runs on it.
/// Why: a killed keepalived removes no address and sends no advert of priority 0; the next MASTER and this node both
/// answer for the address.
/// Remedy: run `haops fix`, which deletes the address, announces the owner, and starts keepalived if it starts at boot. Else
/// start keepalived: at its start it removes the addresses that it is not MASTER of.
struct LeftoverAddress: Cause {
    static let id = DoctorID.leftoverVIP

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node -> Diagnosis? in
            guard node.isDead, !observation.stayedVIPs(on: node).isEmpty else { return nil }
            let vips = observation.stayedVIPs(on: node).filter { node.staticLine(naming: $0) == nil }
            guard !vips.isEmpty else { return nil }
            let words = vips.map(\.description)
            let isStarted = node.isEnabledAtBoot("keepalived") == true
            return Diagnosis(
                Self.id, nodes: [node.name],
                "\(joined(words)) stayed on \(node.name), whose keepalived is not running",
                effect: "clients whose ARP entry names \(node.name) reach a node without keepalived",
                fix: isStarted
                    ? "haops fix  (deletes it there, announces the owner and starts keepalived)"
                    : "systemctl start keepalived on \(node.name)  (it removes the address, or takes it back), and systemctl enable keepalived; where it is not to run: haops fix  (deletes the address)",
                evidence: vips.flatMap { observation.probeResult(on: $0) } + [
                    node.serviceWords("keepalived")
                ],
                explains: Set(
                    vips.map { .orphan($0) } + vips.map { .staleARP($0) } + vips.map { .unsettled($0) }
                )
                .union([.daemonDown(node: node.name)]))
        }
    }
}
