import Addresses
import Facts
import Keepalived

/// Another machine on the network segment uses the router id.
///
/// Condition: tcpdump sees adverts with the router id, for none of the router's addresses, from a machine that is no node
/// of the cluster and no peer in its files. Without tcpdump this cannot be detected; refused adverts are then reported as
/// such.
/// Why: each cluster refuses the other's adverts, or accepts them, and then one of the clusters loses its addresses.
/// This does not cause two MASTERs in one cluster: those have another cause.
/// Remedy: use a router id that is free on the segment, on all nodes of one of the two clusters; a password separates
/// them only in version 2.
struct ForeignRouterID: Cause {
    static let id = DoctorID.foreignRouterID

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            guard let foreign = ForeignAdverts(to: router, in: observation)?.ofOthers,
                let id = router.members.first?.routerID
            else { return nil }
            return Diagnosis(
                Self.id, nodes: router.nodes,
                "another cluster uses router id \(id) of \(router.title): adverts come from \(joined(foreign.sources.map(\.description)))",
                effect: "each cluster receives the other's adverts, and refuses or accepts them",
                fix:
                    "give \(router.title) a virtual_router_id that no other machine on \(router.members[0].interface) uses",
                evidence: foreign.evidence + router.members.flatMap(\.loggedRefusals)
                    + router.members.map { $0.traffic(in: observation.seconds) },
                explains: observation.symptoms(of: router).filter { symptom in
                    switch symptom {
                    case .refusals, .unsettled: true
                    case .unowned: foreign.isObeyed
                    default: false
                    }
                })
        }
    }
}
