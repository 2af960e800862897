import Keepalived

/// `vrrp_garp_interval 0` is refused.
///
/// - Condition: `vrrp_garp_interval` or `vrrp_gna_interval` is 0, as in Debian's own example.
/// - Why: keepalived ignores the line, which is harmless, but `keepalived -t` fails.
/// - Remedy: Remove the line.
struct GarpZero: NodeRule {
    static let id = "garp-zero"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["vrrp_garp_interval", "vrrp_gna_interval"], [.outOfRange, .notANumber]).map {
            problem in
            node.finding(
                Self.id, .info, at: problem.location, "`\(problem.keyword) \(problem.text)` is refused",
                effect: "the line is ignored and makes `keepalived -t` report an error",
                fix: "remove the line")
        }
    }
}
