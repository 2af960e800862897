import Facts
import Keepalived

/// Every node is in FAULT.
///
/// Condition: no node holds the address, and every running keepalived reports FAULT.
/// Why: a check without weight, or a tracked interface, fails on all nodes at once: most often the check is wrong,
/// not the service.
/// Remedy: run the check by hand, fix it or the checked service; with a weight, at least one node keeps serving.
struct EveryNodeInFault: Cause {
    static let id = DoctorID.allFault

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            let speaking = router.members.filter { $0.after != nil }
            let dark = observation.symptoms(of: router).filter {
                if case .unowned = $0 { true } else { false }
            }
            guard !dark.isEmpty, !speaking.isEmpty, speaking.allSatisfy({ $0.after?.role == .fault }) else {
                return nil
            }
            var causes: [String] = []
            var evidence: [Evidence] = []
            for member in speaking {
                for reason in FaultReason.reasons(of: member) {
                    if !causes.contains(reason.subject) { causes.append(reason.subject) }
                    evidence += reason.evidence
                }
                evidence += untried(member)
            }
            let why = causes.isEmpty ? "" : ": \(joined(causes)) \(causes.count == 1 ? "fails" : "fail")"
            return Diagnosis(
                Self.id, nodes: speaking.map(\.name), "every node of \(router.title) is in FAULT\(why)",
                effect: "no node serves the addresses",
                fix: causes.isEmpty
                    ? "journalctl -u keepalived shows what failed"
                    : "fix what \(joined(causes)) checks, or the check itself; with a weight, one node stays",
                evidence: evidence,
                explains: dark.union(
                    speaking.map { .fault(node: $0.name, instance: $0.after?.name ?? router.title) }))
        }
    }

    /// Checks that could not be run for their output.
    private func untried(_ member: VirtualRouter.Member) -> [Evidence] {
        (member.instance?.trackScripts ?? []).compactMap { reference in
            member.node.after?.known(ScriptsFact.self)?[reference.name]?.untried.map {
                Evidence(.probe, on: member.name, "the check `\(reference.name)` was not tried: \($0)")
            }
        }
    }
}
