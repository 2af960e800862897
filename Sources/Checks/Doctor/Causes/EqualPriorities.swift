import Keepalived

/// Two nodes want the addresses just as much.
///
/// Condition: the same priority on two nodes.
/// Why: nobody is preferred: whoever starts first, or has the higher address, is MASTER, and a weighted check moves
/// the addresses where nobody expects them. With `nopreempt` everywhere that is a choice one can make. Of two masters
/// the one with the lower address yields; only where the addresses of their adverts are equal as well, both stay.
/// Remedy: different priorities, and an address of its own for every node.
struct EqualPriorities: Cause {
    static let id = DoctorID.samePriority

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            let all = router.configured.filter { !$0.instance.isOwner }
            let groups = Dictionary(grouping: all) { $0.instance.priority.value }.filter {
                $0.value.count > 1
            }
            guard let (priority, equals) = groups.max(by: { $0.key < $1.key }) else { return nil }
            let isMeant = equals.allSatisfy(\.instance.nopreempt.value)
            let names = equals.map(\.member.name)
            let sources = equals.compactMap { $0.member.source(besides: router.addresses) }
            let twin = sources.first { source in sources.count { $0 == source } > 1 }
            return Diagnosis(
                Self.id, severity: isMeant && twin == nil ? .warning : .error, nodes: names,
                "\(joined(names)) have the same priority \(priority) for \(router.title)"
                    + (twin.map { ", and send their adverts from the same address \($0)" } ?? ""),
                effect: twin == nil
                    ? "which of them is MASTER is left to who starts first and whose address is higher"
                    : "neither yields to the other, and the addresses are held twice",
                fix: twin == nil
                    ? "give \(router.title) a higher priority on the node that shall have the addresses, and reload"
                    : "give each node an address of its own on \(router.members[0].interface)",
                evidence: equals.map {
                    $0.member.evidence(at: $0.instance.priority.location ?? $0.instance.location)
                },
                explains: twin == nil ? [] : observation.disunity(of: router),
                file: equals[0].instance.location.file,
                line: equals[0].instance.priority.location?.line)
        }
    }
}
