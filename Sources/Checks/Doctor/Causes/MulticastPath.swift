import Addresses
import Facts
import Keepalived

/// Multicast adverts are lost between nodes that reach each other.
///
/// Condition: two masters use multicast and answer each other's ping or ARP; tcpdump sees adverts leave one of them and
/// none arrive at the other, which counts none. Without tcpdump, keepalived's counters say so, and nothing on the two
/// machines may drop adverts.
/// Why: a switch uses IGMP snooping without a querier, a hypervisor or cloud does not forward multicast, or a port's
/// security drops it.
/// Remedy: use unicast adverts, or a querier on the VLAN, or disable snooping for 224.0.0.18.
struct MulticastPath: Cause {
    static let id = DoctorID.multicastPath

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.filter(observation.isDisunited).compactMap { router in
            guard router.configured.allSatisfy({ !$0.instance.isUnicast }) else { return nil }
            let pairs = PeerReachability.pairs(of: router, in: observation)
            guard pairs.contains(where: { $0.reach != .silent }) else { return nil }
            let lost = AdvertPath.paths(of: router).filter {
                $0.receiver.isMaster && $0.leaves && $0.isLost
            }
            guard !lost.isEmpty else { return nil }
            return Diagnosis(
                Self.id, nodes: router.nodes,
                "the network does not carry the multicast adverts of \(router.title) on \(router.members[0].interface)",
                effect: bothBecomeMaster,
                fix: "use unicast (transport: unicast in the inventory), or add an IGMP querier to the VLAN",
                evidence: pairs.map(\.evidence) + router.members.map { $0.traffic(in: observation.seconds) }
                    + lost.flatMap(\.evidence),
                explains: observation.disunity(of: router))
        }
    }
}
