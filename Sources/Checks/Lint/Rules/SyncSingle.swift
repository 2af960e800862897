import Keepalived

/// A sync group with one member.
///
/// - Condition: `group` has one instance.
/// - Why: There are no instances to synchronise, and keepalived drops weighted tracking in the member.
/// - Remedy: Remove the group, or add the other instance.
struct SyncSingle: NodeRule {
    static let id = "sync-single"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.syncGroups.filter { $0.members.count == 1 }.map { group in
            node.finding(
                Self.id, .warning, at: group.members[0].location,
                "the sync group \(group.name) has one member",
                effect: "keepalived reports that this is probably not intended",
                fix: "remove the group, or add the other instance")
        }
    }
}
