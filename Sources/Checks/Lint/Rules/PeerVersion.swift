import Keepalived

/// Nodes with different VRRP versions.
///
/// - Condition: `version` or `vrrp_version` differs.
/// - Why: Adverts are refused; since 2.0 all nodes become MASTER.
/// - Remedy: Use the same VRRP version on every node.
struct PeerVersion: PeerRule {
    static let id = "x-version"

    func check(_ peers: Peers) -> [Finding] {
        guard let first = peers.members.first else { return [] }
        return peers.members.dropFirst().compactMap { second in
            guard first.instance.version.value != second.instance.version.value else { return nil }
            return peers.finding(
                Self.id, .error, [first, second], at: { $0.version.location },
                "\(first.instance.name): \(first.node.name) uses VRRP version \(first.instance.version.value) and \(second.node.name) version \(second.instance.version.value)",
                effect: peers.refusal, fix: "use the same VRRP version on every node")
        }
    }
}
