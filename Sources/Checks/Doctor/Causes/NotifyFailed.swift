import Facts

/// A `notify` script failed.
///
/// Condition: in the last day the log of haops' notify script (`journalctl -t haops-notify`) has a failure of a
/// transition, and no later transition of the same kind succeeded. A failed script ended with a status other than 0,
/// took longer than `timeout` allows, was missing, was not executable or could be changed by users other than root.
/// Why: the addresses move anyway, but the actions of the script, such as a route, a mail or a state file, are
/// missing.
/// Remedy: run the script by hand as the log shows it, fix it, and ship it with `files` of the inventory.
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
                    effect: "the address moved, but the actions of these scripts are missing",
                    fix:
                        "run them by hand on \(node.name) with the arguments INSTANCE \(instance) \(state) 100, and fix them",
                    evidence: lines.suffix(10).map {
                        Evidence(.haops, on: node.name, "\(transition): \($0.message)")
                    })
            }
        }
    }
}
