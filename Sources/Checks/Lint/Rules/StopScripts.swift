import Facts
import Keepalived

/// Stop scripts that systemd may kill as they begin.
///
/// - Condition: The configuration has `notify_stop`, or haops' notify script with scripts for STOP, and the service's
///   `KillMode` is `control-group`, systemd's default.
/// - Why: systemd then signals all processes of the service until there are no new ones, including a script that
///   keepalived has just started; such a script may never run.
/// - Remedy: Write `KillMode=mixed` into a drop-in of keepalived.service, and run `systemctl daemon-reload`; haops
///   does both if an inventory has such scripts.
struct StopScripts: NodeRule {
    static let id = "stop-scripts"

    func check(_ node: LintNode) -> [Finding] {
        guard node.facts?.killMode == "control-group",
            let use = ScriptUse.all(in: node).first(where: { Self.isRunAtStop($0, in: node) })
        else { return [] }
        return [
            node.finding(
                Self.id, .warning, at: use.location,
                "`\(use.program)` runs when keepalived stops, and systemd may kill it before its first line",
                effect: "the script sometimes does not run when keepalived stops",
                fix:
                    "write `[Service]` and `KillMode=mixed` into a drop-in of keepalived.service, then `systemctl daemon-reload`",
                evidence: [Evidence(.daemon, "keepalived.service: KillMode=control-group")])
        ]
    }

    private static func isRunAtStop(_ use: ScriptUse, in node: LintNode) -> Bool {
        guard use.isNotify, !use.isHook else { return false }
        if let script = use.path?.contents.flatMap(NotifyHooks.init) {
            return script.hooks.contains { $0.state == "STOP" }
        }
        let notifies = node.instances.flatMap(\.notify) + node.configuration.syncGroups.flatMap(\.notify)
        return notifies.contains { $0.event == "notify_stop" && $0.command.location == use.location }
    }
}
