import Addresses
import Facts
import Keepalived
import Remote

/// Somebody still sends to a machine that does not have the address.
///
/// Condition: one owner, and at both looks a neighbour table that names another link-layer address for it.
/// Why: gratuitous ARP is sent at the change only, five times; who missed it keeps the old entry, routers for hours.
/// Remedy: announce the owner again, and let keepalived do it regularly (`vrrp_garp_master_refresh 60`).
struct StaleNeighbour: Cause {
    static let id = DoctorID.staleARP

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.after.compactMap { ownership in
            guard observation.unexplained.contains(.staleARP(ownership.vip)) else { return nil }
            let owner = ownership.trueOwner?.name ?? "its owner"
            let stale = ownership.arp.filter { $0.node != ownership.trueOwner }
            return Diagnosis(
                Self.id, nodes: stale.map(\.observer.name).uniqued(),
                "\(joined(stale.map(\.observer.name).uniqued())) sends \(ownership.vip) elsewhere than to \(owner)",
                effect: "whoever has that entry does not reach the address",
                fix:
                    "haops fix  (announces \(owner) again); to prevent it: vrrp_garp_master_refresh 60",
                evidence: observation.probeResult(on: ownership.vip), explains: [.staleARP(ownership.vip)])
        }
    }
}
