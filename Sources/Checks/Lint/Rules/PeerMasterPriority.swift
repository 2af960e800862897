import Keepalived

/// `state MASTER` on a node with the lower priority.
///
/// - Condition: An instance has `state MASTER`, and a peer has a higher priority while all checks pass.
/// - Why: The node that is to be BACKUP begins as MASTER: 1.x takes the address at each start, 2.x does so in a sync
///   group, and only the peer's next advert ends it. Elsewhere in 2.x the word has no effect and misleads its reader.
/// - Remedy: Write `state BACKUP` there, or raise its priority.
struct PeerMasterPriority: PeerRule {
    static let id = "x-master-priority"

    func check(_ peers: Peers) -> [Finding] {
        peers.members.compactMap { member in
            guard member.instance.state.value == .master, !member.instance.isOwner,
                let priority = member.priority,
                let better = peers.members.filter({ ($0.priority ?? 0) > priority }).max(by: {
                    ($0.priority ?? 0) < ($1.priority ?? 0)
                })
            else { return nil }
            return peers.finding(
                Self.id, .warning, [member], at: { $0.state.location },
                "\(member.instance.name): \(member.node.name) has `state MASTER` with priority \(priority), and \(better.node.name) has \(better.priority ?? 0)",
                effect:
                    "each restart of \(member.node.name) may take the address away for a moment, until \(better.node.name) takes it back",
                fix:
                    "write `state BACKUP` on \(member.node.name), or raise its priority above \(better.priority ?? 0)"
            )
        }
    }
}
