import Facts
import Keepalived

/// Notify scripts run in parallel.
///
/// - Condition: There is a notify script and no notify FIFO. haops' own script is left out while it runs no others: its state
///   file is a hint that nobody takes for a proof.
/// - Why: Scripts of quick changes may finish in a different order, and a reload without a change calls none: a state
///   file may be missing or outdated.
/// - Remedy: Make the scripts idempotent, or use `vrrp_notify_fifo`.
struct NotifyOrder: NodeRule {
    static let id = "notify-order"

    func check(_ node: LintNode) -> [Finding] {
        let scripts = node.instances.flatMap(\.notify).filter { notify in
            let text = node.facts?.paths?[notify.command.program]?.contents
            return text.flatMap { NotifyHooks(script: $0) }.map { !$0.hooks.isEmpty } ?? true
        }
        guard let first = scripts.first,
            !node.configuration.global.others.contains(where: {
                $0.keyword.contains("notify_fifo") && !$0.keyword.hasPrefix("lvs")
            })
        else { return [] }
        return [
            node.finding(
                Self.id, .info, at: first.command.location, "notify scripts may finish in a different order",
                effect:
                    "after quick changes of state the last script to finish need not be that of the last state",
                fix: "make the script read the current state itself, or use `vrrp_notify_fifo`")
        ]
    }
}
