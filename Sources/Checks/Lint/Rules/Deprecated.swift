import Keepalived

/// A keyword that still works but has a successor.
///
/// - Condition: keepalived marks the keyword as deprecated.
/// - Why: It works, but makes `keepalived -t` report an error.
/// - Remedy: Use the successor.
struct Deprecated: NodeRule {
    static let id = "deprecated"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.problems.filter {
            $0.kind == .deprecated && $0.keyword != "lvs_sync_daemon_interface"
        }.map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                (problem.owner.isEmpty ? "" : problem.owner + ": ")
                    + "`\(problem.text.isEmpty ? problem.keyword : problem.text)` is deprecated",
                effect: "it works, but makes `keepalived -t` report an error", fix: "\(problem.consequence)")
        }
    }
}
