import Facts
import Keepalived

/// The owner's check fails, and `nopreempt` keeps the others from taking over.
///
/// Condition: the MASTER's priority was lowered below another node's, and that node has `nopreempt`.
/// Why: with `nopreempt`, a BACKUP always accepts adverts of a lower priority.
/// Remedy: use a check without a weight, whose failure causes FAULT and lets another node take over; or allow
/// preemption.
struct StuckByNopreempt: Cause {
    static let id = DoctorID.nopreemptStuck

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            guard let master = router.masters.first, let state = master.after, router.masters.count == 1,
                let priority = state.effectivePriority, let base = state.basePriority, priority < base
            else { return nil }
            let stuck = router.members.filter {
                $0.after?.role == .backup && $0.after?.nopreempt == true
                    && ($0.after?.effectivePriority ?? 0) > priority
            }
            guard let better = stuck.first else { return nil }
            return Diagnosis(
                Self.id, nodes: [master.name] + stuck.map(\.name),
                "\(master.name) keeps \(router.title) although a check of it fails: nopreempt holds \(joined(stuck.map(\.name))) back",
                effect: "the addresses stay on the node whose service is broken",
                fix:
                    "systemctl restart keepalived on \(master.name)  (moves the addresses), or fix what fails there; "
                    + "then give the check no weight, and reload",
                evidence: [
                    Evidence(
                        .daemon, on: master.name,
                        "MASTER with priority \(priority), of \(base)"),
                    Evidence(
                        .daemon, on: better.name,
                        "BACKUP with priority \(better.after?.effectivePriority ?? 0) and nopreempt"),
                ]
                    + master.logged {
                        switch $0 {
                        case .scriptFailed, .scriptReturns, .priorityChanged: true
                        default: false
                        }
                    } + stuck.map { $0.evidence(at: $0.instance?.nopreempt.location) },
                explains: Set(master.checks.map { .checkFails(node: master.name, check: $0.name) }))
        }
    }
}
