import Keepalived

/// One node uses unicast and the other multicast.
///
/// - Condition: Only some members have unicast peers.
/// - Why: Usually no advert arrives, and those that do are refused (`Expected unicast packet but received multicast
///   packet`): all nodes become MASTER.
/// - Remedy: Use the same transport on every node.
struct PeerMode: PeerRule {
    static let id = "x-mode"

    func check(_ peers: Peers) -> [Finding] {
        guard let first = peers.members.first else { return [] }
        return peers.members.dropFirst().compactMap { second in
            guard first.instance.isUnicast != second.instance.isUnicast, true else { return nil }
            return peers.finding(
                Self.id, .error, [first, second], at: { $0.unicastPeers.first?.location },
                "\(first.instance.name): \((first.instance.isUnicast ? first : second).node.name) sends to unicast peers and \((first.instance.isUnicast ? second : first).node.name) by multicast",
                effect: "neither receives the other's adverts, and both become MASTER: both hold the address",
                fix: "use the same transport on every node")
        }
    }
}
