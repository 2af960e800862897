import Facts
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
            let commands = ServiceCommand.all(in: use.command.text + "\n" + (use.path?.contents ?? ""))
            let stop = commands.first { $0.daemon == .keepalived && $0.action == .stops }
            guard !use.isNotify, let stop else { return nil }
            return node.finding(
                Self.id, .warning, at: use.location, "\(use.owner): the check runs `\(stop.text)`",
                effect: "nothing starts keepalived again, and the node does not come back",
                fix: "make the check exit with 1 instead")
        }
    }
}
