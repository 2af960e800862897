import Facts

/// A script behind `notify` did not do its work.
///
/// Condition: in the last day the log of haops' notify script (`journalctl -t haops-notify`) has a failure of a transition,
/// and no later transition of the same kind went well: a script ended with another status than 0, took longer than
/// `timeout` allows, was missing, could not be executed or could be changed by others than root.
/// Why: the addresses move all the same, and what should have followed them, a route, a mail, a mark for other programs,
/// did not.
/// Remedy: run the script by hand as the log names it, mend it, and ship it with `files` of the inventory.
struct NotifyFailed: Cause {
    static let id = DoctorID.notifyFailed

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.flatMap { node -> [Diagnosis] in
            let failures = node.after?.known(NotifyLogFact.self) ?? []
            var transitions: [String] = []
            for failure in failures {
                let transition = "\(failure.instance) \(failure.state)"
                if !transitions.contains(transition) { transitions.append(transition) }
            }
            return transitions.map { transition in
                let lines = failures.filter { "\($0.instance) \($0.state)" == transition }
                let (instance, state) = (lines[0].instance, lines[0].state)
                return Diagnosis(
                    Self.id, severity: .warning, nodes: [node.name],
                    "scripts that \(node.name) runs when \(instance) becomes \(state) failed",
                    effect: "the address moved, and what these scripts do did not follow it",
                    fix:
                        "run them by hand on \(node.name) with the arguments INSTANCE \(instance) \(state) 100, and mend them",
                    evidence: lines.suffix(10).map {
                        Evidence(.haops, on: node.name, "\(transition): \($0.message)")
                    })
            }
        }
    }
}
