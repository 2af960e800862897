import Keepalived

/// The virtual router id has something glued to it.
///
/// - Condition: `virtual_router_id` is a number followed by other characters, such as a comma.
/// - Why: Since 1.3 the number is refused, the instance has no router id and keepalived ends; 1.2 took
///   the digits, so it shows at the upgrade.
/// - Remedy: Remove what follows the number.
struct VRIDSyntax: NodeRule {
    static let id = "vrid-syntax"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["virtual_router_id"], [.notANumber]).map { problem in
            node.finding(
                Self.id, .error, at: problem.location,
                "\(problem.owner): the router id `\(problem.text)` is no number",
                effect: node.version >= KeepalivedVersion(1, 3, 0)
                    ? "keepalived \(node.version) ends: the virtual router id must be set"
                    : "keepalived \(node.version) takes the digits, and a later one refuses to run",
                fix: "write `virtual_router_id \(problem.text.prefix { $0.isNumber })`")
        }
    }
}
