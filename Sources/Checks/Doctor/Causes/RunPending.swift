import Facts

/// A change by haops is in progress on a node, or stopped before its end.
///
/// Condition: a run holds the node's lock, or an automatic rollback is scheduled there, or a run did not end.
/// Why: the current state will change: a node that rolls back restarts its daemons and may move addresses.
/// Remedy: wait for the run; or use `haops apply` to finish the change, `haops rollback` to undo it, `haops unlock`
/// to break the lock of a dead run.
struct RunPending: Cause {
    static let id = DoctorID.runPending

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        let pending = observation.reachable.compactMap { node -> (name: String, work: PendingWork)? in
            guard let work = node.before?.known(PendingFact.self), !work.isEmpty else { return nil }
            return (node.name, work)
        }
        guard !pending.isEmpty else { return [] }
        let isAtWork = pending.contains { $0.work.lock != nil }
        return [
            Diagnosis(
                Self.id, severity: isAtWork ? .info : .warning, nodes: pending.map(\.name),
                isAtWork
                    ? "a run of haops is at work on this cluster"
                    : "a run of haops did not end on this cluster",
                effect: pending.contains { $0.work.rollback != nil }
                    ? "unless the change is finished, a node rolls back automatically and its daemons load the old files"
                    : "files and daemons may be in the middle of a change",
                fix: isAtWork
                    ? "wait until it has ended; haops unlock breaks the lock of a dead run"
                    : "haops apply finishes the change, haops rollback undoes it",
                evidence: pending.flatMap { entry in
                    entry.work.sentences.map { Evidence(.haops, on: entry.name, $0) }
                })
        ]
    }
}
