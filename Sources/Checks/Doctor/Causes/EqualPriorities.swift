import Keepalived

/// Two nodes have the same priority.
///
/// Condition: the same priority on two nodes.
/// Why: no node is preferred: the one that starts first, or has the higher address, is MASTER, and a weighted check
/// moves the addresses to an unexpected node. With `nopreempt` on all nodes this can be intended. Of two masters the
/// one with the lower address yields; only if the source addresses of their adverts are equal too, both stay MASTER.
/// Remedy: give every node a different priority and its own address.
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
                    ? "the node that starts first, or has the higher address, becomes MASTER"
                    : "neither yields to the other, and the addresses are held twice",
                fix: twin == nil
                    ? "give \(router.title) a higher priority on the node that should own the addresses, and reload"
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
