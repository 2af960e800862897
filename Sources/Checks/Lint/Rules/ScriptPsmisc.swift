import Keepalived

/// A check with a program that is not installed.
///
/// - Condition: The check runs `killall` or `pidof`, and the node does not have it; Debian's keepalived
///   does not depend on psmisc.
/// - Why: The check always fails or is removed.
/// - Remedy: Use `vrrp_track_process`, or install the package.
struct ScriptPsmisc: NodeRule {
    static let id = "script-psmisc"

    func check(_ node: LintNode) -> [Finding] {
        guard let commands = node.facts?.commands else { return [] }
        return node.configuration.scripts.compactMap { script in
            guard let command = script.command else { return nil }
            let program = command.program.split(separator: "/").last.map(String.init) ?? ""
            guard ["killall", "pidof", "pgrep"].contains(program), !commands.contains(program) else {
                return nil
            }
            return node.finding(
                Self.id, .warning, at: command.location, "\(script.name): the node has no `\(program)`",
                effect: "keepalived removes the check, and the instance runs without it",
                fix: node.version.hasTrackProcess
                    ? "use `vrrp_track_process`" : "install the package that provides it")
        }
    }
}
