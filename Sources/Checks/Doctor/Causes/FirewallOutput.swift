import Addresses
import Facts
import Keepalived

/// A node's packet filter drops the adverts that the node sends.
///
/// Condition: a rule or a policy on the way of outgoing packets drops protocol 112, in any table of iptables or nftables;
/// or a rule with conditions that haops does not evaluate dropped packets while tcpdump saw no advert leave or keepalived
/// logged that it may not send.
/// Why: the other nodes hear no MASTER and take the addresses.
/// Remedy: accept outgoing protocol 112 before that rule, permanently.
struct FirewallOutput: Cause {
    static let id = DoctorID.firewallOutput

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router in
            router.members.compactMap { member -> Diagnosis? in
                let filter = AdvertFilter(router: router, member: member)
                let logged = member.logged {
                    if case .cannotSend(_, let reason) = $0 {
                        reason.contains("not permitted")
                    } else {
                        false
                    }
                }
                let obstacle: PacketFilter.Obstacle
                let isMute = member.node.capture.isPossible && member.departures.isEmpty || !logged.isEmpty
                if let found = filter.passage(.output).obstacle ?? filter.obstacle(.output) {
                    obstacle = found
                } else if member.isMaster, isMute, observation.isDisunited(router),
                    let suspect = filter.suspects(.output, in: observation.seconds).first
                {
                    obstacle = suspect.obstacle
                } else {
                    return nil
                }
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(member.name)'s firewall drops the adverts that it sends for \(router.title)",
                    effect: "no other node hears it, and one of them takes the addresses as well",
                    fix: filter.acceptance(obstacle, .output),
                    evidence: [filter.evidence(of: obstacle, in: observation.seconds)] + logged
                        + router.members.map { $0.traffic(in: observation.seconds) },
                    explains: observation.disunity(of: router))
            }
        }
    }
}
