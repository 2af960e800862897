import Keepalived

/// `preempt_delay` together with `state MASTER`.
///
/// - Condition: `preempt_delay` in an instance with `state MASTER`.
/// - Why: The delay is cleared, so the node takes the address back at once.
/// - Remedy: Write `state BACKUP`.
struct DelayMaster: NodeRule {
    static let id = "delay-master"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["preempt_delay"], [.reset]).filter { $0.consequence.contains("state MASTER") }.map {
            problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): `preempt_delay` cannot be used with `state MASTER`",
                effect: problem.consequence, fix: "write `state BACKUP`")
        }
    }
}
