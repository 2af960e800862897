import Keepalived

/// Clocks that differ.
///
/// - Condition: The clocks of two nodes differ by more than a second.
/// - Why: VRRP does not use clocks, but logs are harder to compare, and `reload_time_file` and `auth_hmac` need equal
///   clocks.
/// - Remedy: Run NTP.
struct PeerClock: PeerRule {
    static let id = "x-time"

    func check(_ peers: Peers) -> [Finding] {
        let offsets = peers.members.compactMap { member in member.node.facts?.clockOffset.map { (member, $0) }
        }
        guard let low = offsets.min(by: { $0.1 < $1.1 }), let high = offsets.max(by: { $0.1 < $1.1 }),
            high.1 - low.1 > 1
        else { return [] }
        return [
            peers.finding(
                Self.id, .info, [low.0, high.0], at: { _ in nil },
                "the clocks of \(low.0.node.name) and \(high.0.node.name) differ by \((high.1 - low.1).rounded()) s",
                effect: "VRRP does not depend on clocks, but logs are harder to compare",
                fix: "run NTP on both")
        ]
    }
}
