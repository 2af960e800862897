import Keepalived

/// An address label that is too long.
///
/// - Condition: `label` has more than 15 characters.
/// - Why: keepalived removes the address, and no node holds it.
/// - Remedy: Shorten the label.
struct VIPLabel: NodeRule {
    static let id = "vip-label"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["virtual_ipaddress", "virtual_ipaddress_excluded"], [.tooLong]).map { problem in
            node.finding(
                Self.id, .error, at: problem.location,
                "\(problem.owner): the label `\(problem.text)` is longer than 15 characters",
                effect: problem.consequence, fix: "shorten the label")
        }
    }
}
