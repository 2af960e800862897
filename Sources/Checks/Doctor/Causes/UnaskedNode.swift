import Addresses
import Facts
import Keepalived

/// A machine that was not asked runs this virtual router as well.
///
/// Condition: tcpdump sees adverts with the router id for one of the router's addresses, or from one of its unicast peers,
/// that come from no machine that was asked.
/// Why: the machine is another node of the cluster, or an old one that nobody has switched off. What it holds, doctor does
/// not see. Beside a MASTER that was asked, it is a second one.
/// Remedy: name it to haops too; or stop keepalived on it.
struct UnaskedNode: Cause {
    static let id = DoctorID.unaskedNode

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            guard let foreign = ForeignAdverts(to: router, in: observation)?.ofThisRouter else { return nil }
            let sources = joined(foreign.sources.map(\.description))
            let isOne = foreign.sources.count == 1
            let masters = router.masters.filter { $0.before?.role == .master }.map(\.name)
            let refuse = router.members.filter { !$0.refused.isEmpty }.map(\.name)
            let explained = observation.symptoms(of: router).filter { symptom in
                switch symptom {
                case .refusals, .unsettled: true
                case .contested, .staleARP: !masters.isEmpty
                case .unowned: foreign.isObeyed
                default: false
                }
            }
            let isSecond = !masters.isEmpty
            let isHarm = isSecond || !refuse.isEmpty
            return Diagnosis(
                Self.id, severity: isHarm ? .error : .info, nodes: router.nodes,
                isSecond
                    ? "\(sources) also \(isOne ? "runs" : "run") this virtual router, \(router.title), and \(isOne ? "is" : "are") MASTER beside \(joined(masters))"
                    : "\(sources) also \(isOne ? "runs" : "run") this virtual router, \(router.title), and was not asked",
                effect: isSecond
                    ? "the addresses are held twice"
                    : isHarm
                        ? "\(joined(refuse)) \(refuse.count == 1 ? "refuses" : "refuse") its adverts, and does not stay BACKUP for it"
                        : "it holds the addresses, and doctor does not see what it does with them",
                fix:
                    "name \(sources) to haops as a node of the cluster, and run doctor again; if it is not to serve, stop keepalived on it",
                evidence: foreign.evidence + router.members.flatMap(\.loggedRefusals)
                    + router.members.map { $0.traffic(in: observation.seconds) },
                explains: explained)
        }
    }
}
