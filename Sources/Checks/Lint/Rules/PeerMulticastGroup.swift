import Keepalived

/// Nodes with different multicast groups.
///
/// - Condition: `mcast_dst_ip` or `vrrp_mcast_group4` differs.
/// - Why: Neither node receives the other's adverts.
/// - Remedy: Use the same multicast group on every node.
struct PeerMulticastGroup: PeerRule {
    static let id = "x-mcast-group"

    func check(_ peers: Peers) -> [Finding] {
        guard let first = peers.members.first else { return [] }
        return peers.members.dropFirst().compactMap { second in
            guard first.instance.multicastGroup?.value != second.instance.multicastGroup?.value,
                !first.instance.isUnicast && !second.instance.isUnicast
            else { return nil }
            return peers.finding(
                Self.id, .error, [first, second], at: { $0.multicastGroup?.location },
                "\(first.instance.name): the multicast groups of \(first.node.name) and \(second.node.name) differ",
                effect: "neither receives the other's adverts, and both become MASTER: both hold the address",
                fix: "use the same multicast group on every node")
        }
    }
}
