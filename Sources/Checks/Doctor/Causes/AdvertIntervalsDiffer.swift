import Addresses
import Keepalived

/// The nodes send adverts at different intervals.
///
/// Condition: `advert_int` differs.
/// Why: in version 2 an advert with another interval is dropped since keepalived 2.0; in 1.x by a MASTER only, and a
/// BACKUP waits by its own interval. In version 3 a BACKUP adopts the MASTER's interval, and only takes over too early at
/// its start: no two stay MASTER for that.
/// Remedy: one interval.
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
