import Keepalived

/// Members of a sync group with opposite priorities.
///
/// - Condition: For two instances in one sync group, one node has the higher priority in one and the lower priority
///   in the other.
/// - Why: The group becomes MASTER only when every member can: the nodes repeat the election, or no node becomes
///   MASTER.
/// - Remedy: Give all members of a group the same order of nodes.
struct SyncMixedPriority: PeerRule {
    static let id = "sync-mixed-prio"

    func check(_ peers: Peers) -> [Finding] {
        guard let first = peers.members.first,
            let group = first.node.configuration.syncGroup(of: first.instance)
        else { return [] }
        let names = group.members.map(\.text)
        for second in peers.members.dropFirst() {
            let signs = names.compactMap { name -> Int? in
                guard let mine = first.node.configuration.instance(named: name),
                    let theirs = second.node.configuration.instance(named: name)
                else { return nil }
                return (mine.priority.value - theirs.priority.value).signum()
            }
            if signs.contains(1), signs.contains(-1), names.first == first.instance.name {
                return [
                    peers.finding(
                        Self.id, .error, [first, second], at: { $0.priority.location },
                        "the sync group \(group.name) prefers \(first.node.name) for one member and \(second.node.name) for another",
                        effect: "the group cannot agree on a MASTER",
                        fix: "give all members the same order of nodes")
                ]
            }
        }
        return []
    }
}
