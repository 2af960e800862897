import Keepalived

/// Authentication together with VRRP version 3.
///
/// - Condition: An `authentication` block in an instance with VRRP version 3.
/// - Why: keepalived ignores it; the block only makes `keepalived -t` fail.
/// - Remedy: Remove the block.
struct AuthVersion3: NodeRule {
    static let id = "auth-v3"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["authentication"], [.reset]).filter { $0.consequence.contains("version 3") }.map {
            problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): authentication cannot be used with VRRP version 3",
                effect: "keepalived ignores it", fix: "remove the `authentication` block on every node")
        }
    }
}
