import Addresses

/// The properties that identify an instance's virtual router across nodes.
struct RouterIdentity {
    var node: String
    var name: String?
    var routerID: Int?
    var interface: String
    var isIPv6: Bool
    var addresses: Set<IPAddress>

    /// A sign that two instances are one virtual router.
    private enum Sign: Hashable {
        case address(IPAddress)
        case routerID(Int, interface: String?, isIPv6: Bool)
        case name(String)
        /// The name of an instance that lacks a router id or addresses.
        case nameAlone(String)
        case nameWithID(String, Int)
    }

    private var isComplete: Bool { routerID != nil && !addresses.isEmpty }

    /// What an instance shares with others of its router, the strongest signs first; those of one row are equally strong.
    private var wanted: [[Sign]] {
        var rows = [addresses.map(Sign.address)]
        if let routerID { rows.append([.routerID(routerID, interface: interface, isIPv6: isIPv6)]) }
        if let name {
            // `VI_1` is what many call their instance. Two that share neither an address nor a router id are two routers.
            if let routerID, isComplete {
                rows.append([.nameAlone(name), .nameWithID(name, routerID)])
            } else {
                rows.append([.name(name)])
            }
        }
        // Interfaces of one network may have different names on each machine.
        if let routerID { rows.append([.routerID(routerID, interface: nil, isIPv6: isIPv6)]) }
        return rows
    }

    /// The signs by which others find this instance.
    private var shown: [Sign] {
        var signs = addresses.map(Sign.address)
        if let routerID {
            signs.append(.routerID(routerID, interface: interface, isIPv6: isIPv6))
            signs.append(.routerID(routerID, interface: nil, isIPv6: isIPv6))
        }
        if let name {
            signs.append(.name(name))
            if let routerID, isComplete {
                signs.append(.nameWithID(name, routerID))
            } else {
                signs.append(.nameAlone(name))
            }
        }
        return signs
    }

    /// Groups the instances of different nodes that form one virtual router: by a common address, else a router id,
    /// else a name. A node has at most one instance in a group.
    ///
    /// It takes time in proportion to the instances: a file may have thousands.
    static func grouped<Member>(_ members: [Member], by identity: (Member) -> RouterIdentity) -> [[Member]] {
        var groups: [[Member]] = []
        var index = Index()
        for member in members {
            let own = identity(member)
            let home = own.wanted.lazy.compactMap { index.group(with: $0, without: own.node) }.first
            let group = home ?? groups.count
            if home == nil { groups.append([]) }
            groups[group].append(member)
            index.add(own, to: group)
        }
        return groups
    }

    /// The groups by their members' signs.
    private struct Index {
        private struct Position: Hashable {
            var sign: Sign
            var node: String
        }

        private struct Membership: Hashable {
            var group: Int
            var node: String
        }

        private var groups: [Sign: [Int]] = [:]
        private var memberships: Set<Membership> = []
        /// The number of a sign's groups, from its first on, that have an instance of a node. It never shrinks, so no
        /// group is looked at twice.
        private var taken: [Position: Int] = [:]

        mutating func add(_ identity: RouterIdentity, to group: Int) {
            memberships.insert(Membership(group: group, node: identity.node))
            for sign in identity.shown { groups[sign, default: []].append(group) }
        }

        /// The first group with one of the signs and without an instance of `node`.
        mutating func group(with signs: [Sign], without node: String) -> Int? {
            signs.compactMap { sign -> Int? in
                guard let groups = groups[sign] else { return nil }
                let position = Position(sign: sign, node: node)
                var next = taken[position, default: 0]
                while next < groups.count, memberships.contains(Membership(group: groups[next], node: node)) {
                    next += 1
                }
                taken[position] = next
                return next < groups.count ? groups[next] : nil
            }.min()
        }
    }
}
