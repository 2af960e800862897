import Addresses
import Facts
import Keepalived

/// Adverts arrive by another interface than the one that the instance listens on.
///
/// Condition: two masters; tcpdump on one of them sees adverts of the router arrive, none of them on the instance's
/// `interface`, and keepalived counts none.
/// Why: keepalived's sockets are bound to the interface. Routes that lead elsewhere, cards that changed their names, and
/// nodes whose `interface` is on different networks have this effect.
/// Remedy: the same network for `interface` on every node, and routes to the peers that use it.
struct OtherInterface: Cause {
    static let id = DoctorID.otherInterface

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.filter(observation.isDisunited).compactMap { router -> Diagnosis? in
            let found = router.members.compactMap { member -> (VirtualRouter.Member, Set<String>)? in
                guard member.isDeaf, !member.interface.isEmpty else { return nil }
                let interfaces = member.incoming.map(\.interface)
                guard !interfaces.contains(nil), !interfaces.contains(member.interface) else { return nil }
                return (member, Set(interfaces.compactMap(\.self)))
            }
            guard let first = found.first else { return nil }
            let words = found.map { member, interfaces in
                "\(member.name) listens on \(member.interface), and adverts arrive on \(joined(interfaces.sorted()))"
            }
            let isUnicast = first.0.instance?.isUnicast == true
            return Diagnosis(
                Self.id, nodes: found.map(\.0.name),
                "adverts of \(router.title) arrive by another interface: \(words.joined(separator: "; "))",
                effect: bothBecomeMaster,
                fix: isUnicast
                    ? "make the peers' routes and `interface` agree on every node: ip route get ADDRESS of each peer shows the interface that adverts leave by"
                    : "write as interface of \(router.title) on \(joined(found.map(\.0.name))) the one that is in the other nodes' network, and reload; or put the cables and names of the cards right",
                evidence: found.flatMap { member, _ in
                    [member.evidence(at: member.interfaceLine)] + member.arrivalEvidence
                } + router.members.map { $0.traffic(in: observation.seconds) },
                explains: observation.disunity(of: router), file: first.0.interfaceLine?.file,
                line: first.0.interfaceLine?.line)
        }
    }
}
