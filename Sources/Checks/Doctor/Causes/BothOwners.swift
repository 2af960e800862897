import Keepalived

/// Two nodes are configured as the owner of the addresses.
///
/// Condition: priority 255 on more than one node, written, or derived from `state MASTER` without a priority.
/// Why: an owner never yields. Since 1.2.24 keepalived notices the second owner, logs a CONFIGURATION ERROR and
/// lowers its own priority to 254 until its next start; with older releases both stay MASTER.
/// Remedy: use 254 or less, and a different priority on every node.
struct BothOwners: Cause {
    static let id = DoctorID.bothOwner

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            let owners = router.configured.filter(\.instance.isOwner)
            guard owners.count > 1 else { return nil }
            let names = owners.map(\.member.name)
            return Diagnosis(
                Self.id, nodes: names, "\(joined(names)) both have priority 255 for \(router.title)",
                effect:
                    "each start of one takes the addresses from the other, and before 1.2.24 both keep them",
                fix: "give \(router.title) a different priority of 254 or less on every node, and reload",
                evidence: owners.map {
                    $0.member.evidence(at: $0.instance.priority.location ?? $0.instance.location)
                }
                    + router.members.flatMap { $0.logged { $0 == .bothOwners } }
                    + router.members.map { $0.traffic(in: observation.seconds) },
                explains: observation.disunity(of: router), file: owners[0].instance.location.file,
                line: owners[0].instance.priority.location?.line)
        }
    }
}
