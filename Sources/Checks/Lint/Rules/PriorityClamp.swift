import Keepalived

/// Weights move a priority beyond its limits.
///
/// - Condition: Base priority and weights add up to more than 254 or less than 1.
/// - Why: keepalived limits the sum to 1 to 254, and two nodes at a limit have the same priority.
/// - Remedy: Lower the base or the weights.
struct PriorityClamp: NodeRule {
    static let id = "prio-clamp"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.compactMap { instance in
            guard !instance.isOwner else { return nil }
            let reach = PriorityArithmetic(of: instance, in: node.configuration).reach
            let limits = PriorityArithmetic.limits
            guard reach.upperBound > limits.upperBound || reach.lowerBound < limits.lowerBound else {
                return nil
            }
            return node.finding(
                Self.id, .warning, at: instance.priority.location ?? instance.location,
                "\(instance.name): priority \(instance.priority.value) with its weights reaches from \(reach.lowerBound) to \(reach.upperBound)",
                effect: "keepalived limits it to 1 to 254, where nodes may have the same priority",
                fix: "lower the base priority or the weights")
        }
    }
}
