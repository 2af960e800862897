import Addresses
import Keepalived

/// Unicast peers that do not list each other.
///
/// - Condition: A member lists a peer that is no member's source address, or is not listed by the peer
///   that it lists.
/// - Why: Adverts go one way only: one MASTER, and one that believes it is alone.
/// - Remedy: List every other node's `unicast_src_ip`.
struct PeerPeers: PeerRule {
    static let id = "x-peers"

    func check(_ peers: Peers) -> [Finding] {
        let unicast = peers.members.filter { $0.instance.isUnicast && $0.instance.sourceAddress != nil }
        guard unicast.count > 1 else { return [] }
        var findings: [Finding] = []
        for member in unicast {
            let listed = Set(member.instance.unicastPeers.map(\.address))
            for other in unicast where other.node.name != member.node.name {
                guard let source = other.instance.sourceAddress?.value, !listed.contains(source) else {
                    continue
                }
                findings.append(
                    peers.finding(
                        Self.id, .error, [member, other], at: { $0.unicastPeers.first?.location },
                        "\(member.instance.name): \(member.node.name) does not list \(source), the source address of \(other.node.name)",
                        effect: "\(other.node.name) gets no adverts from it and becomes MASTER too",
                        fix: "add \(source) to `unicast_peer` on \(member.node.name)"))
            }
        }
        return findings
    }
}
