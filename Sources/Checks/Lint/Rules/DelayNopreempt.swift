import Keepalived

/// `preempt_delay` together with `nopreempt`.
///
/// - Condition: Both keywords in one instance.
/// - Why: The delay is cleared.
/// - Remedy: Remove one of the two.
struct DelayNopreempt: NodeRule {
    static let id = "delay-nopreempt"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["preempt_delay"], [.reset]).filter { $0.consequence.contains("nopreempt") }.map {
            problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): `preempt_delay` cannot be used with `nopreempt`",
                effect: problem.consequence, fix: "remove one of the two")
        }
    }
}
