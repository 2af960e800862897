import Addresses
import Facts
import Keepalived

/// A node's packet filter drops the adverts that reach it.
///
/// Condition: a rule or the policy of the INPUT chain drops protocol 112; or tcpdump sees adverts arrive that
/// keepalived neither counts nor refuses.
/// Why: the node hears no MASTER and takes the addresses.
/// Remedy: accept incoming protocol 112, permanently.
struct FirewallInput: Cause {
    static let id = DoctorID.firewallInput

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router in
            router.members.compactMap { member -> Diagnosis? in
                let filter = AdvertFilter(router: router, member: member)
                var obstacle: PacketFilter.Obstacle?
                // Counted adverts are not dropped, whatever the rules are.
                if (member.received ?? 0) == 0, case .dropped(let found) = filter.passage(.input) {
                    obstacle = found
                }
                let arrivals = member.arrivals.map {
                    Evidence(
                        .capture, on: member.name,
                        "tcpdump sees adverts of router \(member.routerID ?? 0) arrive from \($0)")
                }
                let isDeaf =
                    observation.isDisunited(router) && member.received == 0 && member.refused.isEmpty
                    && !arrivals.isEmpty
                guard obstacle != nil || isDeaf else { return nil }
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(member.name)'s firewall drops the adverts of \(router.title) that reach it",
                    effect: "\(member.name) hears no MASTER, and takes the addresses as well",
                    fix: filter.acceptance(obstacle, .input),
                    evidence: [obstacle.map { Evidence(.kernel, on: member.name, $0.rule) }] + arrivals
                        + router.members.map { $0.traffic(in: observation.seconds) },
                    explains: observation.disunity(of: router))
            }
        }
    }
}
