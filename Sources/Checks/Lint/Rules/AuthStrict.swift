import Keepalived

/// Authentication together with strict mode.
///
/// - Condition: An `authentication` block in an instance with strict mode.
/// - Why: keepalived ignores it; the block only makes `keepalived -t` fail.
/// - Remedy: Remove the block.
struct AuthStrict: NodeRule {
    static let id = "auth-strict"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["authentication"], [.reset]).filter { $0.consequence.contains("strict mode") }.map {
            problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): authentication cannot be used with strict mode",
                effect: "keepalived ignores it", fix: "remove the `authentication` block on every node")
        }
    }
}
