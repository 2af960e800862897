import Addresses
import Facts
import Remote

/// The owner of an address is cut off from the network of the address, though its link is up.
///
/// Condition: one owner, nobody else gets an answer, the owner hears no machine on the interface of the address, and those
/// who asked hear others.
/// Why: the adverts travel on another network, which is whole; so nobody takes the address over.
/// Remedy: the switch port, the VLAN or the bond of that interface. Until then hand the address over.
struct ServiceNetworkSplit: Cause {
    static let id = DoctorID.serviceNetworkSplit

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.darkAddresses.compactMap { ownership, owner, interface in
            guard ownership.answers.first(where: \.isOwner)?.hearsSomebody == false,
                ownership.askers.contains(where: { $0.hearsSomebody == true })
            else { return nil }
            let heirs = ownership.askers.filter { $0.hearsSomebody == true }.map(\.observer)
                .filter { host in observation.nodes.contains { $0.id == host } }
            return Diagnosis(
                Self.id, nodes: [owner.name],
                "\(owner.name) is cut off from the network of \(ownership.vip): it hears nobody on \(interface.name)",
                effect:
                    "\(ownership.vip) is dark, and keepalived on \(owner.name) keeps it: the adverts travel elsewhere",
                fix:
                    "repair the switch port, the VLAN or the bond behind \(interface.name) of \(owner.name)"
                    + (heirs.first.map { "; until then: haops switchover --to \($0)" } ?? ""),
                evidence: [Evidence(.kernel, on: owner.name, "\(interface.name) has a carrier")]
                    + observation.probeResult(on: ownership.vip), explains: [.dark(ownership.vip)])
        }
    }
}
