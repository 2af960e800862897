/// An instance is in FAULT because a check without weight fails.
///
/// Condition: the check fails when it is run by hand; or keepalived's journal names it as the reason.
/// Why: a check without weight puts the instance in FAULT. Where it fails on every node, see `all-fault`.
/// Remedy: fix what the check tests on that node, or the check.
struct FaultCheck: Cause {
    static let id = DoctorID.faultCheck

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.faults(Self.id, .check) { reason, node in
            "on \(node.name): fix what \(reason.subject) tests, or the check itself"
        }
    }
}
