import Keepalived

/// The virtual router id is outside 1 to 255.
///
/// - Condition: `virtual_router_id` is 0 or more than 255.
/// - Why: keepalived refuses the number, the instance has no router id, and keepalived ends.
/// - Remedy: Choose an id from 1 to 255.
struct VRIDRange: NodeRule {
    static let id = "vrid-range"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["virtual_router_id"], [.outOfRange]).map { problem in
            node.finding(
                Self.id, .error, at: problem.location,
                "\(problem.owner): the router id \(problem.text) is outside 1 to 255",
                effect: "keepalived ends: the virtual router id must be set",
                fix: "choose an id from 1 to 255")
        }
    }
}
