import Keepalived

/// Two nodes want the addresses just as much.
///
/// Condition: the same priority on two nodes.
/// Why: nobody is preferred: whoever starts first, or has the higher address, is MASTER, and a weighted check moves
/// the addresses where nobody expects them. With `nopreempt` everywhere that is a choice one can make.
/// Remedy: different priorities.
struct EqualPriorities: Cause {
    static let id = "cause-same-priority"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            let all = router.configured.filter { !$0.instance.isOwner }
            let groups = Dictionary(grouping: all) { $0.instance.priority.value }.filter {
                $0.value.count > 1
            }
            guard let (priority, equals) = groups.max(by: { $0.key < $1.key }) else { return nil }
            let isMeant = equals.allSatisfy(\.instance.nopreempt.value)
            let names = equals.map(\.member.name)
            return Diagnosis(
                Self.id, severity: isMeant ? .warning : .error, nodes: names,
                "\(joined(names)) have the same priority \(priority) for \(router.title)",
                effect: "which of them is MASTER is left to who starts first and whose address is higher",
                fix:
                    "give \(router.title) a higher priority on the node that shall have the addresses, and reload",
                evidence: equals.map {
                    $0.member.evidence(at: $0.instance.priority.location ?? $0.instance.location)
                },
                explains: patient.disunity(of: router), file: equals[0].instance.location.file,
                line: equals[0].instance.priority.location?.line)
        }
    }
}
