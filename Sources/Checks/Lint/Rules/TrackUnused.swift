import Keepalived

/// A script that is not tracked, or a tracked object that lacks what it tracks.
///
/// - Condition: No `track_script` names the `vrrp_script`; or a `vrrp_script`, `track_file` or `vrrp_track_process` has
///   no `script`, `file` or `process` line.
/// - Why: It never runs, or keepalived removes it; `keepalived -t` reports it.
/// - Remedy: Track it, add the line, or remove the block.
struct TrackUnused: NodeRule {
    static let id = "script-unused"

    /// The line that a block needs, by the block's keyword.
    private static let lines = [
        "vrrp_script": "script", "vrrp_track_file": "file", "track_file": "file",
        "vrrp_track_process": "process",
    ]

    func check(_ node: LintNode) -> [Finding] {
        node.problems(Set(Self.lines.keys), [.unused, .required]).map { problem in
            let line = Self.lines[problem.keyword] ?? "script"
            return node.finding(
                Self.id, .warning, at: problem.location,
                problem.kind == .unused
                    ? "nothing tracks the script `\(problem.text)`"
                    : "`\(problem.keyword) \(problem.text)` has no `\(line)` line",
                effect: problem.consequence,
                fix: problem.kind == .unused ? "track it or remove it" : "add the `\(line)` line")
        }
    }
}
