import Addresses
import Facts
import Keepalived

/// A node's packet filter lets unicast adverts in only as replies.
///
/// Condition: unicast, no rule that accepts protocol 112, and one that accepts ESTABLISHED.
/// Why: a peer's adverts are replies only once this node has sent some itself: so after every start it first hears
/// nothing, becomes MASTER, sends, hears, and steps back. Two masters that last have another cause, unless tcpdump sees
/// adverts arrive that keepalived does not count.
/// Remedy: accept protocol 112 by a rule of its own.
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
                        "after every start \(member.name) becomes MASTER for a moment, beside the real one",
                    fix: filter.acceptance(obstacle, .input),
                    evidence: [
                        Evidence(.kernel, on: member.name, "a new connection meets: \(obstacle.rule)"),
                        Evidence(.kernel, on: member.name, "an established one is accepted"),
                    ] + member.logged { $0 == .becameMaster || $0 == .becameBackup(initial: false) },
                    explains: observation.disunity(of: router).filter { symptom in
                        if case .unsettled = symptom { true } else { isDeaf }
                    })
            }
        }
    }
}
