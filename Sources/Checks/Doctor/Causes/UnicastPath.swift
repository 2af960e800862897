import Addresses
import Facts
import Keepalived

/// Unicast adverts are lost between nodes that reach each other.
///
/// Condition: two masters use unicast, list each other and answer each other's ping or ARP; tcpdump sees adverts leave one
/// of them and none arrive at the other, which counts none. Without tcpdump, keepalived's counters say so, and nothing on
/// the two machines may drop adverts.
/// Why: a firewall, a security group of a cloud or a hypervisor between the nodes does not forward IP protocol 112.
/// Remedy: let IP protocol 112 pass between the nodes, in both directions.
struct UnicastPath: Cause {
    static let id = DoctorID.unicastPath

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.filter(observation.isDisunited).compactMap { router in
            guard router.configured.allSatisfy(\.instance.isUnicast) else { return nil }
            let pairs = PeerReachability.pairs(of: router, in: observation)
            guard pairs.contains(where: { $0.reach != .silent }) else { return nil }
            let lost = AdvertPath.paths(of: router).filter {
                $0.receiver.isMaster && $0.leaves && $0.isLost
            }
            guard let first = lost.first else { return nil }
            let ways = lost.map { "\($0.sender.name) to \($0.receiver.name)" }
            return Diagnosis(
                Self.id, nodes: router.nodes,
                "the network does not carry the adverts of \(router.title) from \(joined(ways))",
                effect: "\(first.receiver.name) hears no MASTER, and takes the addresses as well",
                fix:
                    "let IP protocol 112 pass between \(joined(router.nodes)): firewalls, security groups and hypervisors on the way",
                evidence: pairs.map(\.evidence) + router.members.map { $0.traffic(in: observation.seconds) }
                    + lost.flatMap(\.evidence),
                explains: observation.disunity(of: router))
        }
    }
}
