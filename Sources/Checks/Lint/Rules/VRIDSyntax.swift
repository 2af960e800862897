import Keepalived

/// The virtual router id is followed directly by other characters.
///
/// - Condition: `virtual_router_id` is a number followed by other characters, such as a comma.
/// - Why: Since 1.3 keepalived refuses the number, the instance has no router id and keepalived ends. 1.2 used the
///   digits, so the error appears at the upgrade.
/// - Remedy: Remove the characters after the number.
struct VRIDSyntax: NodeRule {
    static let id = "vrid-syntax"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["virtual_router_id"], [.notANumber]).map { problem in
            node.finding(
                Self.id, .error, at: problem.location,
                "\(problem.owner): the router id `\(problem.text)` is not a number",
                effect: node.version >= KeepalivedVersion(1, 3, 0)
                    ? "keepalived \(node.version) ends: the virtual router id must be set"
                    : "keepalived \(node.version) takes the digits, and a later one refuses to run",
                fix: "write `virtual_router_id \(problem.text.prefix { $0.isNumber })`")
        }
    }
}
