import Addresses
import Facts
import Keepalived

/// A node's packet filter drops the adverts that reach it.
///
/// Condition: a rule or a policy on the way of incoming packets drops protocol 112, in any table of iptables or nftables;
/// or a rule with conditions that haops does not evaluate dropped packets while adverts arrived and keepalived counted
/// none. A filter without such a rule is never blamed.
/// Why: the node hears no MASTER and takes the addresses.
/// Remedy: accept incoming protocol 112 before that rule, permanently.
struct FirewallInput: Cause {
    static let id = DoctorID.firewallInput

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router in
            router.members.compactMap { member -> Diagnosis? in
                let filter = AdvertFilter(router: router, member: member)
                let obstacle: PacketFilter.Obstacle
                // Counted adverts are not dropped, whatever the rules are.
                if (member.received ?? 0) == 0, let found = filter.obstacle(.input) {
                    obstacle = found
                } else if member.isDeaf, observation.isDisunited(router),
                    let suspect = filter.suspects(.input, in: observation.seconds).first
                {
                    obstacle = suspect.obstacle
                } else {
                    return nil
                }
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(member.name)'s firewall drops the adverts of \(router.title) that reach it",
                    effect: "\(member.name) hears no MASTER, and takes the addresses as well",
                    fix: filter.acceptance(obstacle, .input),
                    evidence: [filter.evidence(of: obstacle, in: observation.seconds)]
                        + member.arrivalEvidence + router.members.map { $0.traffic(in: observation.seconds) },
                    explains: observation.disunity(of: router))
            }
        }
    }
}
