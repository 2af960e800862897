import Addresses
import Keepalived

/// Some nodes send their adverts to peers, others to the multicast group.
///
/// Condition: `unicast_peer` on one node, none on another.
/// Why: keepalived refuses unicast adverts on a multicast instance and receives no multicast on a unicast one.
/// Remedy: use the same transport on all nodes.
struct MixedTransport: Cause {
    static let id = DoctorID.transportMixed

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            ConfigMismatch(router, on: \.isUnicast, words: { $0.isUnicast ? "unicast" : "multicast" })?
                .diagnose { this in
                    this.diagnosis(
                        Self.id, "\(router.title) sends its adverts in different ways: \(this.words)",
                        effect: bothBecomeMaster,
                        fix:
                            "give \(router.title) a unicast_peer block on every node, or on none, and reload",
                        at: { $0.unicastPeers.first?.location ?? $0.location },
                        isRefusal: { if case .wrongCast = $0 { true } else { false } }, in: observation)
                }
        }
    }
}
