import Keepalived

/// `nopreempt` on the successor of a weighted check.
///
/// - Condition: The node that should take over has `nopreempt`, and a script, process or interface that the owner or
///   its sync group tracks has a weight.
/// - Why: A BACKUP with `nopreempt` always accepts adverts of a lower priority, so the failed check does not move the
///   address.
/// - Remedy: Use weight 0, which puts the owner into FAULT, or remove `nopreempt`.
struct NopreemptWeight: PeerRule {
    static let id = "nopreempt-weight"

    func check(_ peers: Peers) -> [Finding] {
        guard let owner = peers.members.max(by: { ($0.priority ?? 0) < ($1.priority ?? 0) }) else {
            return []
        }
        let weighted = owner.node.configuration.tracked(by: owner.instance).filter { $0.weight != 0 }
        guard let check = weighted.first else { return [] }
        return peers.members.filter { $0.node.name != owner.node.name && $0.instance.nopreempt.value }.map {
            successor in
            peers.finding(
                Self.id, .error, [successor], at: { $0.nopreempt.location },
                "\(successor.instance.name): \(successor.node.name) has `nopreempt`, so a weight of `\(check.name)` on \(owner.node.name) has no effect",
                effect: "the BACKUP continues to accept adverts of the lower priority",
                fix: "give the check weight 0, or remove `nopreempt`")
        }
    }
}
