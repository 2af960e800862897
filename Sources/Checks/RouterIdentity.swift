import Addresses

/// The properties that identify an instance's virtual router across nodes.
struct RouterIdentity {
    var node: String
    var name: String?
    var routerID: Int?
    var interface: String
    var isIPv6: Bool
    var addresses: Set<IPAddress>

    /// Signs that two instances are one virtual router, the strongest first.
    private static let signs: [@Sendable (RouterIdentity, RouterIdentity) -> Bool] = [
        { !$0.addresses.isDisjoint(with: $1.addresses) },
        {
            $0.routerID != nil && $0.routerID == $1.routerID && $0.interface == $1.interface
                && $0.isIPv6 == $1.isIPv6
        },
        { $0.name != nil && $0.name == $1.name },
        // Interfaces of one network may have different names on each machine.
        {
            $0.routerID != nil && $0.routerID == $1.routerID && $0.isIPv6 == $1.isIPv6
                && $0.interface != $1.interface
        },
    ]

    /// Groups the instances of different nodes that form one virtual router: by a common address, else a router id,
    /// else a name. A node has at most one instance in a group.
    static func grouped<Member>(_ members: [Member], by identity: (Member) -> RouterIdentity) -> [[Member]] {
        var groups: [[(member: Member, identity: RouterIdentity)]] = []
        for member in members {
            let own = identity(member)
            let home = signs.lazy.compactMap { isSame in
                groups.firstIndex { group in
                    !group.contains { $0.identity.node == own.node }
                        && group.contains { isSame($0.identity, own) }
                }
            }.first
            if let home {
                groups[home].append((member, own))
            } else {
                groups.append([(member, own)])
            }
        }
        return groups.map { $0.map(\.member) }
    }
}
