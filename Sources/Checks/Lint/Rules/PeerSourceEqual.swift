import Addresses
import Keepalived

/// Two nodes with the same source address.
///
/// - Condition: Two members have the same `unicast_src_ip` or `mcast_src_ip`.
/// - Why: Each node takes the other's adverts for its own; with equal priorities both stay MASTER.
/// - Remedy: Give each node its own address.
struct PeerSourceEqual: PeerRule {
    static let id = "x-src-equal"

    func check(_ peers: Peers) -> [Finding] {
        var findings: [Finding] = []
        for (index, first) in peers.members.enumerated() {
            for second in peers.members[(index + 1)...] {
                guard let source = first.instance.sourceAddress?.value,
                    source == second.instance.sourceAddress?.value
                else { continue }
                findings.append(
                    peers.finding(
                        Self.id, .error, [first, second], at: { $0.sourceAddress?.location },
                        "\(first.instance.name): \(first.node.name) and \(second.node.name) both send from \(source)",
                        effect: "each takes the other's adverts for its own, and both may stay MASTER",
                        fix: "give each node its own source address"))
            }
        }
        return findings
    }
}
