import Keepalived

/// A multicast group together with unicast peers.
///
/// - Condition: `mcast_dst_ip` in an instance that has unicast peers.
/// - Why: keepalived ignores the group.
/// - Remedy: Remove `mcast_dst_ip`.
struct UnicastGroup: NodeRule {
    static let id = "unicast-mcast-group"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["mcast_dst_ip"], [.reset]).map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): `mcast_dst_ip` does not go with unicast peers",
                effect: problem.consequence, fix: "remove `mcast_dst_ip`")
        }
    }
}
