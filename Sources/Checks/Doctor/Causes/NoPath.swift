import Addresses
import Facts
import Keepalived

/// The nodes of a virtual router cannot reach each other at all.
///
/// Condition: two masters, none of these nodes answers another's ping or ARP, and tcpdump sees none of their adverts arrive.
/// Why: no advert arrives, and each node becomes MASTER.
/// Remedy: fix the network between them: cable, VLAN, switch port, bond.
struct NoPath: Cause {
    static let id = DoctorID.noPath

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.filter(observation.isDisunited).compactMap { router in
            let pairs = PeerReachability.pairs(of: router, in: observation)
            guard !pairs.isEmpty, pairs.allSatisfy({ $0.reach == .silent }),
                AdvertPath.paths(of: router).allSatisfy(\.heard.isEmpty)
            else { return nil }
            return Diagnosis(
                Self.id, nodes: router.nodes,
                "\(joined(router.nodes)) cannot reach each other on \(router.members[0].interface)",
                effect: bothBecomeMaster,
                fix: "fix the network between them: cable, VLAN, switch port, bond",
                evidence: pairs.map(\.evidence) + router.members.map { $0.traffic(in: observation.seconds) },
                explains: observation.disunity(of: router))
        }
    }
}
