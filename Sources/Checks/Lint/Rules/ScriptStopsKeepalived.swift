import Keepalived

/// A check that stops keepalived.
///
/// - Condition: The check or its text runs `systemctl stop keepalived` or kills it.
/// - Why: Nothing starts keepalived again, and the node never returns.
/// - Remedy: Make the check fail instead, with a weight or without one.
struct ScriptStopsKeepalived: NodeRule {
    static let id = "script-stops-keepalived"

    func check(_ node: LintNode) -> [Finding] {
        ScriptUse.all(in: node).compactMap { use in
            let text = use.command.text + "\n" + (use.path?.contents ?? "")
            let stops = [
                "systemctl stop keepalived", "service keepalived stop", "init.d/keepalived stop",
                "killall keepalived", "pkill keepalived",
            ]
            guard !use.isNotify, let found = stops.first(where: { text.contains($0) }) else { return nil }
            return node.finding(
                Self.id, .warning, at: use.location, "\(use.owner): the check runs `\(found)`",
                effect: "nothing starts keepalived again, and the node does not come back",
                fix: "make the check exit with 1 instead")
        }
    }
}
