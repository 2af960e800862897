import Addresses
import Facts
import Remote

/// The interface that carries a virtual address has no link.
///
/// Condition: one owner, nobody else gets an answer, and the owner's interface has no carrier.
/// Why: keepalived moves an address only when an interface that it tracks fails; the adverts travel on another one.
/// Remedy: the cable or the switch port; and `track_interface`, so that the address moves the next time.
struct LinkDown: Cause {
    static let id = DoctorID.vipLinkDown

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.darkAddresses.filter { !$0.interface.hasCarrier && $0.interface.name != "lo" }.map {
            ownership, owner, interface in
            Diagnosis(
                Self.id, nodes: [owner.name],
                "\(interface.name) of \(owner.name), which carries \(ownership.vip), has no carrier",
                effect: "\(ownership.vip) is dark, and keepalived on \(owner.name) keeps it",
                fix:
                    "repair the cable, the switch port or the bond of \(interface.name); track_interface { \(interface.name) } moves the address next time",
                evidence: [Evidence(.kernel, on: owner.name, "\(interface.name) has no carrier")]
                    + observation.probeResult(on: ownership.vip), explains: [.dark(ownership.vip)])
        }
    }
}
