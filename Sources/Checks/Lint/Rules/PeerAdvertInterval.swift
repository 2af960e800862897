import Keepalived

/// Nodes with different advertisement intervals.
///
/// - Condition: `advert_int` differs.
/// - Why: In VRRP version 2 adverts are refused and all nodes become MASTER. In keepalived 1.x this also happens, if
///   a BACKUP's own interval is too short to wait for the MASTER's adverts. In version 3 a BACKUP adopts its MASTER's
///   interval.
/// - Remedy: Use the same interval on every node.
struct PeerAdvertInterval: PeerRule {
    static let id = "x-advert-int"

    func check(_ peers: Peers) -> [Finding] {
        guard let first = peers.members.first else { return [] }
        return peers.members.dropFirst().compactMap { second in
            let mine = first.instance.advertInterval.value
            let theirs = second.instance.advertInterval.value
            guard mine != theirs else { return nil }
            let isVersion3 = first.instance.version.value == 3 && second.instance.version.value == 3
            return peers.finding(
                Self.id, isVersion3 ? .warning : .error, [first, second], at: { $0.advertInterval.location },
                "\(first.instance.name): `advert_int` is \(mine) on \(first.node.name) and \(theirs) on \(second.node.name)",
                effect: isVersion3
                    ? "a BACKUP adopts its MASTER's interval, and may flap at start" : Peers.refusal,
                fix: "use the same interval on every node")
        }
    }
}
