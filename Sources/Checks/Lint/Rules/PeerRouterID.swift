import Keepalived

/// Nodes that use different router ids for one address.
///
/// - Condition: Members share an address and have different router ids; or they share the router id but no address.
/// - Why: With different ids the nodes ignore each other's adverts and all become MASTER. The same id with other
///   addresses is a conflict of two clusters.
/// - Remedy: Use one router id per set of addresses.
struct PeerRouterID: PeerRule {
    static let id = "x-vrid"

    func check(_ peers: Peers) -> [Finding] {
        var findings: [Finding] = []
        for (index, first) in peers.members.enumerated() {
            for second in peers.members[(index + 1)...] {
                let one = first.instance
                let other = second.instance
                guard let id = one.virtualRouterID?.value, let otherID = other.virtualRouterID?.value else {
                    continue
                }
                let shared = !Set(one.allAddresses.map(\.address)).isDisjoint(
                    with: other.allAddresses.map(\.address))
                if shared, id != otherID {
                    findings.append(
                        peers.finding(
                            Self.id, .error, [first, second], at: { $0.virtualRouterID?.location },
                            "\(one.name): \(first.node.name) uses router id \(id) and \(second.node.name) \(otherID) for the same address",
                            effect:
                                "they ignore each other's adverts and both become MASTER: both hold the address",
                            fix: "use one router id on all nodes"))
                } else if !shared, id == otherID, !one.addresses.isEmpty, !other.addresses.isEmpty {
                    findings.append(
                        peers.finding(
                            Self.id, .error, [first, second], at: { $0.virtualRouterID?.location },
                            "\(one.name) on \(first.node.name) and \(other.name) on \(second.node.name) use router id \(id) for two clusters, which have no address in common",
                            effect:
                                "each takes the other cluster's adverts for its own, and refuses them or steps back",
                            fix: "give one of the two clusters another router id"))
                }
            }
        }
        return findings
    }
}
