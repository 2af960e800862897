import Keepalived

/// Two nodes that are configured as the address owner.
///
/// - Condition: Two members have priority 255.
/// - Why: Both become MASTER at once and stay MASTER (`configured as address owner`).
/// - Remedy: Use at most 254, except on one node.
struct PeerOwners: PeerRule {
    static let id = "x-both-owner"

    func check(_ peers: Peers) -> [Finding] {
        let owners = peers.members.filter(\.instance.isOwner)
        guard owners.count > 1 else { return [] }
        return [
            peers.finding(
                Self.id, .error, owners, at: { $0.priority.location },
                "\(owners[0].instance.name): \(owners.map(\.node.name).joined(separator: " and ")) all have priority 255",
                effect: "each becomes MASTER as the address owner", fix: "use at most 254")
        ]
    }
}
