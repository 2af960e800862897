import Addresses
import Keepalived

/// The nodes use different versions of VRRP.
///
/// Condition: `vrrp_version` or `version` differs.
/// Why: since keepalived 2.0 an advert of the other version is dropped. In 1.x a BACKUP stays BACKUP, and a MASTER
/// stays MASTER.
/// Remedy: use one version, in `global_defs` of every node.
struct VersionsDiffer: Cause {
    static let id = DoctorID.vrrpVersion

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            ConfigMismatch(router, on: \.version.value, words: { "version \($0.version.value)" })?.diagnose {
                this in
                func isRefusal(_ event: JournalEvent.Kind) -> Bool {
                    if case .wrongVersion = event { true } else { false }
                }
                return this.diagnosis(
                    Self.id, "\(router.title) speaks different versions of VRRP: \(this.words)",
                    effect: router.refusal,
                    fix: "write the same vrrp_version on \(joined(router.nodes)), and reload",
                    at: { $0.version.location ?? $0.location }, isRefusal: isRefusal,
                    explains: this.consequences(isRefusal: isRefusal, in: observation), in: observation)
            }
        }
    }
}
