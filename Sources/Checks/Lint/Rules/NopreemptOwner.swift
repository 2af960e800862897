import Keepalived

/// `nopreempt` together with priority 255.
///
/// - Condition: `nopreempt` in an instance with `priority 255`.
/// - Why: keepalived clears `nopreempt`: the address owner always preempts.
/// - Remedy: Lower the priority or remove `nopreempt`.
struct NopreemptOwner: NodeRule {
    static let id = "nopreempt-255"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["nopreempt"], [.reset]).filter { $0.consequence.contains("255") }.map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): `nopreempt` cannot be used with priority 255",
                effect: problem.consequence, fix: "lower the priority or remove `nopreempt`")
        }
    }
}
