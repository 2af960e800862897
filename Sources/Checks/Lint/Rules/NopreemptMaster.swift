import Keepalived

/// `nopreempt` together with `state MASTER`.
///
/// - Condition: `nopreempt` in an instance with `state MASTER`.
/// - Why: keepalived clears `nopreempt`: this node does preempt, and takes the address back when it returns.
/// - Remedy: Write `state BACKUP` on every node.
struct NopreemptMaster: NodeRule {
    static let id = "nopreempt-master"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["nopreempt"], [.reset]).filter { $0.consequence.contains("state MASTER") }.map {
            problem in
            node.finding(
                Self.id, .error, at: problem.location,
                "\(problem.owner): `nopreempt` cannot be used with `state MASTER`",
                effect: problem.consequence, fix: "write `state BACKUP` on every node")
        }
    }
}
