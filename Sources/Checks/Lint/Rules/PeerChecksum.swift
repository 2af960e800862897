import Keepalived

/// Releases that compute unicast checksums differently.
///
/// - Condition: VRRP version 3 with IPv4 unicast between keepalived up to 1.3.6 and later ones.
/// - Why: The later release refuses the adverts unless it detects the old checksum, which is unreliable with three
///   nodes.
/// - Remedy: Add `old_unicast_checksum` on nodes with the later release.
struct PeerChecksum: PeerRule {
    static let id = "x-chksum"

    func check(_ peers: Peers) -> [Finding] {
        let unicast = peers.members.filter {
            $0.instance.isUnicast && $0.instance.version.value == 3 && $0.instance.family == .ipv4
        }
        let border = KeepalivedVersion(1, 3, 6)
        guard unicast.contains(where: { $0.node.version <= border }),
            unicast.contains(where: { $0.node.version > border })
        else { return [] }
        let later = unicast.filter { member in
            member.node.version > border
                && !member.instance.others.contains { $0.keyword == "old_unicast_checksum" }
        }
        guard !later.isEmpty else { return [] }
        return [
            peers.finding(
                Self.id, .error, later, at: { $0.unicastPeers.first?.location },
                "\(later[0].instance.name): releases up to 1.3.6 compute the checksum of unicast adverts differently",
                effect: "adverts are refused (`Invalid VRRPv3 checksum`)",
                fix: "add `old_unicast_checksum` on the later releases")
        ]
    }
}
