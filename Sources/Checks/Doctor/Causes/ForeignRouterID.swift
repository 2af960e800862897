import Addresses
import Facts
import Keepalived

/// Another machine on the network segment uses the router id.
///
/// Condition: tcpdump sees adverts with the router id from a machine outside the cluster. Without tcpdump this cannot
/// be detected; refused adverts are then reported as such.
/// Why: each cluster refuses the other's adverts, or accepts them, and then one of the clusters loses its addresses.
/// This does not cause two MASTERs in one cluster: those have another cause.
/// Remedy: use a router id that is free on the segment, on all nodes of one of the two clusters; a password separates
/// them only in version 2.
struct ForeignRouterID: Cause {
    static let id = DoctorID.foreignRouterID

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        let own = Set(observation.reachable.flatMap(\.interfaces).flatMap(\.addresses).map(\.cidr.address))
        return observation.routers.compactMap { router -> Diagnosis? in
            let strangers = router.members.flatMap { member in
                member.node.capture.adverts.filter {
                    $0.routerID == member.routerID && !own.contains($0.source)
                        && $0.source.isIPv6 == member.isIPv6
                        && ($0.interface ?? member.interface) == member.interface
                }.map { (member, $0) }
            }
            // While a node does not answer, the sender may be that node.
            let isComplete = observation.nodes.allSatisfy(\.isReachable)
            guard isComplete, !strangers.isEmpty, let id = router.members.first?.routerID else { return nil }
            let sources = Set(strangers.map(\.1.source)).sorted().map(\.description)
            return Diagnosis(
                Self.id, nodes: router.nodes,
                "another cluster uses router id \(id) of \(router.title): adverts come from \(joined(sources))",
                effect: "each cluster receives the other's adverts, and refuses or accepts them",
                fix:
                    "give \(router.title) a virtual_router_id that no other machine on \(router.members[0].interface) uses",
                evidence: strangers.map { member, advert in
                    Evidence(
                        .capture, on: member.name,
                        "tcpdump sees router \(advert.routerID), priority \(advert.priority), from \(advert.source)"
                    )
                } + router.members.flatMap(\.loggedRefusals)
                    + router.members.map { $0.traffic(in: observation.seconds) },
                explains: observation.symptoms(of: router).filter { symptom in
                    switch symptom {
                    case .refusals, .unsettled: true
                    case .unowned: isObeyed(strangers, in: router)
                    default: false
                    }
                })
        }
    }

    /// Whether nodes accept the other cluster's adverts and stay BACKUP while it sends. A BACKUP of 1.x does so even
    /// if it refuses them.
    private func isObeyed(
        _ strangers: [(hearer: VirtualRouter.Member, advert: Capture.Advert)], in router: VirtualRouter
    ) -> Bool {
        router.masters.isEmpty
            && strangers.contains { hearer, advert in
                guard let own = hearer.after, own.role == .backup else { return false }
                guard hearer.node.version.dropsDisagreeingAdverts else { return true }
                return hearer.received != 0
                    && (own.nopreempt || advert.priority >= own.effectivePriority)
            }
    }
}
