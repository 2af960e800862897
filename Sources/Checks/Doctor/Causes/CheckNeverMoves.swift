import Facts
import Keepalived

/// A check that can fail without moving the addresses.
///
/// Condition: with the check failing, the preferred node's priority is not below the next node's.
/// Why: the weight is smaller than the difference of the priorities; equal priorities do not suffice. Priority 255
/// ignores weights.
/// Remedy: use a weight larger than the difference, or no weight: then a failing check causes FAULT.
struct CheckNeverMoves: Cause {
    static let id = DoctorID.checkNeverMoves

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router -> [Diagnosis] in
            let contenders = router.configured.compactMap {
                member, instance -> (VirtualRouter.Member, Instance, PriorityArithmetic, Int)? in
                guard let configuration = member.node.configuration else { return nil }
                let arithmetic = PriorityArithmetic(of: instance, in: configuration)
                guard case .priority(let priority) = arithmetic.outcome() else { return nil }
                return (member, instance, arithmetic, priority)
            }.sorted { $0.3 > $1.3 }
            guard contenders.count > 1, let (member, instance, arithmetic, _) = contenders.first else {
                return []
            }
            let successor = contenders[1]
            let weighted = (member.node.configuration?.tracked(by: instance) ?? []).filter { $0.weight != 0 }
            let together = arithmetic.outcome(failing: Set(weighted.map(\.name)))
            return weighted.compactMap { reference in
                guard case .priority(let left) = arithmetic.outcome(failing: [reference.name]),
                    left >= successor.3,
                    left > 0
                else { return nil }
                var isHopeless = true
                if case .priority(let all) = together { isHopeless = all >= successor.3 }
                let distance = instance.priority.value - successor.1.priority.value
                return Diagnosis(
                    Self.id, severity: isHopeless ? .error : .warning, nodes: [member.name],
                    "failure of `\(reference.name)` cannot move \(router.title) away from \(member.name)",
                    effect:
                        "with it failed \(member.name) has priority \(left), and \(successor.0.name) has \(successor.3)",
                    fix: instance.isOwner
                        ? "give \(router.title) a priority of 254 or less on \(member.name), and reload"
                        : "make the weight of `\(reference.name)` larger than \(distance), for example "
                            + "\(reference.weight < 0 ? "-" : "")\(distance + 10), or leave it out, and reload",
                    evidence: [
                        member.evidence(at: instance.priority.location),
                        successor.0.evidence(at: successor.1.priority.location),
                        member.evidence(at: reference.location),
                        member.evidence(
                            at: member.node.configuration?.script(named: reference.name)?.weight.location),
                    ], file: reference.location.file, line: reference.location.line)
            }
        }
    }
}
