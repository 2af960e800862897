/// An instance is in FAULT because a tracked process does not run.
///
/// Condition: keepalived's journal names a `vrrp_track_process` as the reason.
/// Why: fewer of them run than its `quorum`.
/// Remedy: start the process on that node; where it runs, compare its name with the one that `vrrp_track_process` has.
struct FaultProcess: Cause {
    static let id = DoctorID.faultProcess

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.faults(Self.id, .process) { reason, node in
            "start \(reason.subject.split(separator: " ").last ?? "the process") on \(node.name), or correct its name in vrrp_track_process"
        }
    }
}
