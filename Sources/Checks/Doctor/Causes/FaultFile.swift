/// An instance is in FAULT because of a tracked file.
///
/// Condition: keepalived's journal names a `track_file` as the reason.
/// Why: somebody has written a number into it that lowers the priority to nothing: a maintenance mode, most often.
/// Remedy: write 0 into the file when the node is to take part again.
struct FaultFile: Cause {
    static let id = DoctorID.faultFile

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.faults(Self.id, .file) { reason, node in
            "on \(node.name): find out who wrote to \(reason.subject); 0 in it ends the FAULT"
        }
    }
}
