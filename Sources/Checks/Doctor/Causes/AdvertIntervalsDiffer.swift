import Addresses
import Keepalived

/// The nodes send adverts at different intervals.
///
/// Condition: `advert_int` differs.
/// Why: in version 2, keepalived since 2.0 drops an advert with a different interval; in 1.x only a MASTER does, and
/// a BACKUP waits by its own interval. In version 3 a BACKUP adopts the MASTER's interval and can only take over too
/// early at its start: this does not cause two lasting MASTERs.
/// Remedy: use the same interval on every node.
struct AdvertIntervalsDiffer: Cause {
    static let id = DoctorID.advertInterval

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            ConfigMismatch(router, on: \.advertInterval.value, words: { "\($0.advertInterval.value)" })?
                .diagnose { this in
                    let isVersion3 = router.configured.allSatisfy { $0.instance.version.value == 3 }
                    return this.diagnosis(
                        Self.id, severity: isVersion3 ? .warning : .error,
                        "\(router.title) has different advert intervals: \(this.words)",
                        effect: isVersion3
                            ? "after a start the node with the shorter interval may take over for a moment"
                            : bothBecomeMaster,
                        fix: "write the same advert_int on \(joined(router.nodes)), and reload",
                        at: { $0.advertInterval.location ?? $0.location },
                        isRefusal: { if case .wrongInterval = $0 { true } else { false } },
                        explains: isVersion3 ? [] : nil, in: observation)
                }
        }
    }
}
