import Keepalived

/// Notify scripts run side by side.
///
/// - Condition: A notify script and no notify FIFO.
/// - Why: Scripts of quick changes may finish in another order, and a reload without a change calls none:
///   a state file may be missing or stale.
/// - Remedy: Make the scripts idempotent, or use `vrrp_notify_fifo`.
struct NotifyOrder: NodeRule {
    static let id = "notify-order"

    func check(_ node: LintNode) -> [Finding] {
        guard let first = node.instances.flatMap(\.notify).first,
            !node.configuration.global.others.contains(where: {
                $0.keyword.contains("notify_fifo") && !$0.keyword.hasPrefix("lvs")
            })
        else { return [] }
        return [
            node.finding(
                Self.id, .info, at: first.command.location, "notify scripts may overtake each other",
                effect:
                    "after quick changes of state the last script to finish need not be that of the last state",
                fix: "let the script ask for the state itself, or use `vrrp_notify_fifo`")
        ]
    }
}
