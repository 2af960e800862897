import Keepalived

/// Weighted tracking in a member of a sync group.
///
/// - Condition: A member tracks an object with a weight, and the group has no `sync_group_tracking_weight`.
/// - Why: keepalived drops the weighted entry, so a failure of the check does not move the address.
/// - Remedy: Track it on the group, or add `sync_group_tracking_weight`.
struct SyncWeights: NodeRule {
    static let id = "sync-weights"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.problems.filter { $0.kind == .reset && $0.consequence.contains("sync group") }.map
        { problem in
            node.finding(
                Self.id, .error, at: problem.location,
                "\(problem.owner) is in a sync group, so the weight of `\(problem.text)` is ignored",
                effect: "its failure never moves the address",
                fix: "track it in the `vrrp_sync_group`, or add `sync_group_tracking_weight` there")
        }
    }
}
