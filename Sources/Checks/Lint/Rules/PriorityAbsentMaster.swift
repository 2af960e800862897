import Keepalived

/// `state MASTER` without a priority.
///
/// - Condition: An instance has `state MASTER` and no `priority`, on keepalived 2.0 or later.
/// - Why: keepalived sets priority 255, the address owner's: weights and checks no longer count.
/// - Remedy: Set a priority.
struct PriorityAbsentMaster: NodeRule {
    static let id = "prio-absent-master"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.filter {
            $0.state.value == .master && !$0.state.isDefault && $0.priority.isDefault && $0.isOwner
        }.map { instance in
            node.finding(
                Self.id, .error, at: instance.state.location ?? instance.location,
                "\(instance.name) is MASTER without a `priority`",
                effect:
                    "keepalived \(node.version) makes it the owner (255), whose priority no check can lower",
                fix: "add `priority N`, 1 to 254")
        }
    }
}
