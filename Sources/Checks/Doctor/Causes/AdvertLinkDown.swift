import Addresses
import Facts
import Keepalived

/// The interface that adverts use has no link on one node.
///
/// Condition: two masters, and an instance's interface is down or has no carrier on one of them.
/// Why: with `dont_track_primary`, or an interface that hides the loss of its cable, keepalived stays MASTER and nobody
/// hears it.
/// Remedy: repair the cable, the switch port or the bond; and let keepalived track the interface.
struct AdvertLinkDown: Cause {
    static let id = DoctorID.advertLinkDown

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.filter(observation.isDisunited).flatMap { router in
            router.masters.compactMap { member -> Diagnosis? in
                guard let interface = member.node.interfaces.first(where: { $0.name == member.interface }),
                    !interface.hasCarrier || !interface.isUp
                else { return nil }
                let words = interface.isUp ? "has no carrier" : "is down"
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(interface.name) of \(member.name), which the adverts of \(router.title) use, \(words)",
                    effect: bothBecomeMaster,
                    fix:
                        "repair the cable, the switch port or the bond of \(interface.name) on \(member.name); without dont_track_primary, keepalived gives its addresses up the next time",
                    evidence: [
                        Evidence(.kernel, on: member.name, "\(interface.name) \(words)"),
                        member.evidence(at: member.interfaceLine),
                    ] + router.members.map { $0.traffic(in: observation.seconds) },
                    explains: observation.disunity(of: router))
            }
        }
    }
}
