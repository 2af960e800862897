import Keepalived

/// A sync group names an instance that does not exist.
///
/// - Condition: A member of `group` is not a `vrrp_instance` of this configuration, or the group has no members.
/// - Why: keepalived ignores the member; it removes a group without members, and its instances fail over separately.
/// - Remedy: Correct the name.
struct SyncMissing: NodeRule {
    static let id = "sync-missing"

    func check(_ node: LintNode) -> [Finding] {
        let missing = node.configuration.problems.filter { $0.kind == .notFound && $0.keyword == "group" }.map
        { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): there is no instance `\(problem.text)`",
                effect: "keepalived ignores the member", fix: "correct the name")
        }
        return missing
            + node.configuration.syncGroups.filter(\.members.isEmpty).map { group in
                node.finding(
                    Self.id, .warning, at: group.location, "the sync group \(group.name) has no members",
                    effect: "keepalived removes it", fix: "list its instances in `group { }`")
            }
    }
}
