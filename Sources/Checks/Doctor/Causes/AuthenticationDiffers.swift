import Addresses
import Keepalived

/// The nodes use different passwords.
///
/// Condition: `auth_type`, or the first eight bytes of `auth_pass`, differ.
/// Why: since keepalived 2.0 an advert with a different password is dropped. In 1.x a BACKUP stays BACKUP, and a
/// MASTER stays MASTER.
/// Remedy: use one `auth_pass` of at most eight characters, quoted if it contains `#` or `!`.
struct AuthenticationDiffers: Cause {
    static let id = DoctorID.authentication

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            guard Set(router.configured.map(\.instance.version.value)).count == 1 else { return nil }
            return ConfigMismatch(
                router, on: { $0.authentication?.value },
                words: {
                    $0.authentication.map { "auth_type \($0.value.kind.rawValue)" } ?? "no authentication"
                }
            )?.diagnose { this in
                let kinds = Set(this.values.map(\.words))
                let what = kinds.count > 1 ? this.words : "the passwords are not the same"
                func isRefusal(_ event: JournalEvent.Kind) -> Bool {
                    switch event {
                    case .wrongPassword, .wrongAuthentication: true
                    default: false
                    }
                }
                return this.diagnosis(
                    Self.id, "\(router.title) uses different authentication: \(what)", effect: router.refusal,
                    fix: "write the same auth_type and auth_pass on \(joined(router.nodes)), and reload",
                    at: { $0.authentication?.location ?? $0.location }, isRefusal: isRefusal,
                    explains: this.consequences(isRefusal: isRefusal, in: observation), in: observation)
            }
        }
    }
}
