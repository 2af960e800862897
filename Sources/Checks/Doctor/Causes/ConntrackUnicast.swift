import Addresses
import Facts
import Keepalived

/// A node's packet filter accepts unicast adverts only as replies.
///
/// Condition: unicast adverts, no rule that accepts protocol 112, and a rule that accepts ESTABLISHED.
/// Why: a peer's adverts count as replies only once this node has sent adverts itself. After every start it first
/// receives none, becomes MASTER, sends adverts, receives the peer's, and steps back. Two lasting masters have
/// another cause, unless tcpdump sees adverts arrive that keepalived does not count.
/// Remedy: accept protocol 112 with a separate rule.
struct ConntrackUnicast: Cause {
    static let id = DoctorID.conntrackUnicast

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router in
            router.members.compactMap { member -> Diagnosis? in
                let filter = AdvertFilter(router: router, member: member)
                guard case .onlyReplies(let obstacle) = filter.passage(.input) else { return nil }
                let isDeaf = member.received == 0 && !member.arrivals.isEmpty
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(member.name)'s firewall accepts the adverts of \(router.title) only while it sends some itself",
                    effect:
                        "after every start \(member.name) is MASTER for a moment, in addition to the owner",
                    fix: filter.acceptance(obstacle, .input),
                    evidence: [
                        Evidence(.kernel, on: member.name, "a new connection reaches: \(obstacle.rule)"),
                        Evidence(.kernel, on: member.name, "an established one is accepted"),
                    ] + member.logged { $0 == .becameMaster || $0 == .becameBackup(initial: false) },
                    explains: observation.disunity(of: router).filter { symptom in
                        if case .unsettled = symptom { true } else { isDeaf }
                    })
            }
        }
    }
}
