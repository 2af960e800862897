import Addresses
import Facts
import Keepalived
import Remote

/// A machine still sends packets for the address to a machine that does not have it.
///
/// Condition: one owner, and in both samples a neighbour table with another link-layer address for it.
/// Why: gratuitous ARP is sent only at the change, five times; a machine that missed it keeps the old entry, routers
/// for hours.
/// Remedy: announce the owner again, and make keepalived repeat it (`vrrp_garp_master_refresh 60`).
struct StaleNeighbour: Cause {
    static let id = DoctorID.staleARP

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.after.compactMap { ownership in
            guard observation.unexplained.contains(.staleARP(ownership.vip)) else { return nil }
            let owner = ownership.trueOwner?.name ?? "its owner"
            let stale = ownership.arp.filter { $0.node != ownership.trueOwner }
            let view = ownership.nodes.first { $0.node == ownership.trueOwner }
            let isOnLoopback = view?.interface == "lo"
            return Diagnosis(
                Self.id, nodes: stale.map(\.observer.name).uniqued(),
                "\(joined(stale.map(\.observer.name).uniqued())) sends packets for \(ownership.vip) to another machine than \(owner)",
                effect: "machines with that entry do not reach the address",
                fix: isOnLoopback
                    ? "give \(ownership.vip) on \(owner) the interface of its network (dev): keepalived announces it on lo, where nobody hears that"
                    : "haops fix  (announces \(owner) again); to prevent it: vrrp_garp_master_refresh 60",
                evidence: observation.probeResult(on: ownership.vip), explains: [.staleARP(ownership.vip)])
        }
    }
}
