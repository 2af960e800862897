import Addresses
import Keepalived

/// Nodes that list different addresses for one instance.
///
/// - Condition: The sets of `virtual_ipaddress` differ; their order does not matter.
/// - Why: In 1.x a BACKUP logs it and stays BACKUP. 2.0.0 to 2.3.2 refuse the adverts, and all nodes become MASTER.
///   Since 2.3.3 it is logged once. After a failover to a node that does not list an address, no node holds it.
/// - Remedy: List the same addresses on every node.
struct PeerAddressList: PeerRule {
    static let id = "x-vip-list"

    func check(_ peers: Peers) -> [Finding] {
        guard let first = peers.members.first else { return [] }
        return peers.members.dropFirst().compactMap { second in
            let mine = Set(first.instance.addresses.map(\.address))
            let theirs = Set(second.instance.addresses.map(\.address))
            guard mine != theirs,
                first.instance.virtualRouterID?.value == second.instance.virtualRouterID?.value,
                !mine.isDisjoint(with: theirs) || first.instance.name == second.instance.name
            else { return nil }
            let isSplit = peers.anyVersion(\.dropsAdvertsWithOtherAddresses)
            let missing = mine.symmetricDifference(theirs).map(\.description).sorted().joined(separator: ", ")
            return peers.finding(
                Self.id, isSplit ? .error : .warning, [first, second], at: { $0.addresses.first?.location },
                "\(first.instance.name): \(missing) is not on both \(first.node.name) and \(second.node.name)",
                effect: isSplit
                    ? "adverts are refused and both become MASTER (2.0.0 to 2.3.2)"
                    : "after a failover no node holds the address",
                fix: "list the same addresses on every node")
        }
    }
}
