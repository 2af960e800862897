import Keepalived

/// A script that is not tracked.
///
/// - Condition: No `track_script` names the `vrrp_script`.
/// - Why: It never runs, and `keepalived -t` reports it.
/// - Remedy: Track it or remove it.
struct TrackUnused: NodeRule {
    static let id = "script-unused"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["vrrp_script"], [.unused, .required]).map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                problem.kind == .unused
                    ? "nothing tracks the script `\(problem.text)`"
                    : "the script `\(problem.text)` has no `script` line",
                effect: problem.consequence,
                fix: problem.kind == .unused ? "track it or remove it" : "add the `script` line")
        }
    }
}
