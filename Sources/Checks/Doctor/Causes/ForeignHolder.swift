import Addresses
import Facts
import Remote

/// A machine that is none of the cluster's has a virtual address too.
///
/// Condition: one owner, and a link-layer address that belongs to no machine that was asked answers for the address.
/// Why: clients reach whichever of the two they heard last.
/// Remedy: find that machine by its link-layer address, on the switch, and take the address from it. Announcing the owner
/// again helps until the other one speaks.
struct ForeignHolder: Cause {
    static let id = DoctorID.vipForeignHolder

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.after.compactMap { ownership in
            let strangers = ownership.intruders.filter { $0.node == nil }.map { "\($0.mac)" }
            guard observation.unexplained.contains(.contested(ownership.vip)), !strangers.isEmpty else {
                return nil
            }
            return Diagnosis(
                Self.id, nodes: [],
                "another machine, \(joined(strangers)), answers \(ownership.vip.resolution) for \(ownership.vip)",
                effect: "clients reach it instead of \(ownership.trueOwner?.name ?? "the owner"), by chance",
                fix:
                    "find \(joined(strangers)) (the switch's table of link-layer addresses names its port) and take \(ownership.vip) from it",
                evidence: observation.probeResult(on: ownership.vip),
                explains: [.contested(ownership.vip), .staleARP(ownership.vip)])
        }
    }
}
