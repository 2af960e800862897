import Addresses
import Facts
import Keepalived

/// A node's packet filter drops the adverts that the node sends.
///
/// Condition: a rule or the policy of the OUTPUT chain drops protocol 112.
/// Why: the other nodes hear no MASTER and take the addresses.
/// Remedy: accept outgoing protocol 112, permanently.
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
                guard let obstacle = filter.passage(.output).obstacle else { return nil }
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(member.name)'s firewall drops the adverts that it sends for \(router.title)",
                    effect: "no other node hears it, and one of them takes the addresses as well",
                    fix: filter.acceptance(obstacle, .output),
                    evidence: [Evidence(.kernel, on: member.name, obstacle.rule)] + logged
                        + router.members.map { $0.traffic(in: observation.seconds) },
                    explains: observation.disunity(of: router))
            }
        }
    }
}
