import Keepalived

/// Unicast keywords without a unicast peer.
///
/// - Condition: `unicast_src_ip` or a similar keyword without any usable `unicast_peer`.
/// - Why: keepalived falls back to multicast, which peers with unicast do not receive.
/// - Remedy: List the peers; `unicast_fault_no_peer` prevents the fallback.
struct UnicastNoPeer: NodeRule {
    static let id = "unicast-no-peer"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.filter { $0.mentionsUnicast && !$0.isUnicast && !$0.faultsWithoutPeers }.map {
            instance in
            node.finding(
                Self.id, .error,
                at: instance.unicastLocation ?? instance.sourceAddress?.location ?? instance.location,
                "\(instance.name) has unicast settings and no peer",
                effect: "adverts go out by multicast", fix: "list the other nodes in `unicast_peer`")
        }
    }
}
