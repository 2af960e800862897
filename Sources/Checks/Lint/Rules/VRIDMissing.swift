import Keepalived

/// An instance has no virtual router id.
///
/// - Condition: `virtual_router_id` is missing from a `vrrp_instance`.
/// - Why: keepalived ends: the virtual router id must be set.
/// - Remedy: Give it an id from 1 to 255 that no other cluster on the segment uses.
struct VRIDMissing: NodeRule {
    static let id = "vrid-missing"

    func check(_ node: LintNode) -> [Finding] {
        let written = Set(
            node.problems(["virtual_router_id"], [.notANumber, .outOfRange, .missingArgument]).map(\.owner))
        return node.instances.filter { $0.virtualRouterID == nil && !written.contains($0.name) }.map {
            instance in
            node.finding(
                Self.id, .error, at: instance.location, "\(instance.name) has no `virtual_router_id`",
                effect: "keepalived ends when it reads this configuration",
                fix: "add `virtual_router_id N`, 1 to 255, unique on the segment")
        }
    }
}
