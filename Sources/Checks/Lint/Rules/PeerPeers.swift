import Addresses
import Keepalived

/// Unicast peers that do not list each other.
///
/// - Condition: A node lists a peer that is not another member's source address, or a listed peer does not list the
///   node.
/// - Why: Adverts travel in one direction only: one node stays MASTER, and a node that receives no adverts becomes
///   MASTER too.
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
