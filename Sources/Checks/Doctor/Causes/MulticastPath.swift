import Addresses
import Facts
import Keepalived

/// Multicast adverts are lost between nodes that reach each other.
///
/// Condition: two masters use multicast and answer each other's ping or ARP; one of them counts no advert, accepted
/// or refused, and its tcpdump sees none arrive.
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
            let deaf = router.members.filter {
                $0.isMaster && $0.received == 0 && $0.refused.isEmpty && $0.arrivals.isEmpty
            }
            guard !deaf.isEmpty else { return nil }
            return Diagnosis(
                Self.id, nodes: router.nodes,
                "the network does not carry the multicast adverts of \(router.title) on \(router.members[0].interface)",
                effect: bothBecomeMaster,
                fix: "use unicast (transport: unicast in the inventory), or add an IGMP querier to the VLAN",
                evidence: pairs.map(\.evidence) + router.members.map { $0.traffic(in: observation.seconds) }
                    + deaf.filter(\.node.capture.isPossible).map {
                        Evidence(.capture, on: $0.name, "tcpdump sees no advert arrive")
                    },
                explains: observation.disunity(of: router))
        }
    }
}
