import Addresses
import Keepalived

/// Instances on interfaces of different networks.
///
/// - Condition: The interfaces that carry multicast adverts have no network in common.
/// - Why: Multicast does not leave its network segment, so neither node receives the other's adverts.
/// - Remedy: Use interfaces of one segment, or unicast.
struct PeerSegment: PeerRule {
    static let id = "x-l2"

    func check(_ peers: Peers) -> [Finding] {
        let known = peers.members.filter { !$0.instance.isUnicast && networks($0) != nil }
        guard let first = known.first, let mine = networks(first) else { return [] }
        return known.dropFirst().compactMap { second in
            guard let theirs = networks(second), !mine.isEmpty, !theirs.isEmpty,
                !mine.contains(where: { one in theirs.contains { one.contains($0.address) } })
            else { return nil }
            return peers.finding(
                Self.id, .warning, [first, second], at: { $0.interface?.location },
                "\(first.instance.name): the interfaces of \(first.node.name) and \(second.node.name) are in different networks",
                effect: "multicast adverts of one node do not reach the other",
                fix: "use interfaces of one segment, or unicast",
                evidence: [(first, mine), (second, theirs)].flatMap { member, networks in
                    networks.map { Evidence(.kernel, on: member.node.name, $0.description) }
                })
        }
    }

    private func networks(_ member: Peers.Member) -> [CIDR]? {
        guard let name = member.instance.interface?.value,
            let interface = member.node.facts?.interfaces?.first(where: { $0.name == name })
        else { return nil }
        let virtual = Set(member.instance.allAddresses.map(\.address))
        return interface.addresses.filter {
            !virtual.contains($0.address) && $0.address.isIPv6 == (member.instance.family == .ipv6)
        }
    }
}
