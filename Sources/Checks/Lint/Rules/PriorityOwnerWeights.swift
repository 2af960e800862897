import Keepalived

/// Weighted tracking on an instance with priority 255.
///
/// - Condition: `priority 255` together with a tracked script, process or interface that has a weight.
/// - Why: keepalived ignores the tracked object, so a failure of the service never moves the address.
/// - Remedy: Use a priority of at most 254.
struct PriorityOwnerWeights: NodeRule {
    static let id = "prio-255-weights"

    func check(_ node: LintNode) -> [Finding] {
        let owners = Dictionary(node.instances.filter(\.isOwner).map { ($0.name, $0) }) { first, _ in first }
        return node.problems(["track_script", "track_process", "track_interface", "track_file"], [.reset])
            .filter { owners[$0.owner] != nil && !$0.consequence.contains("own interface") }
            .map { problem in
                node.finding(
                    Self.id, .error, at: problem.location,
                    "\(problem.owner) has priority 255, so the weight of `\(problem.text)` is ignored",
                    effect: "its failure never moves the address", fix: "lower the priority to 254 or less",
                    also: owners[problem.owner]?.priority.location.map { [$0] } ?? [])
            }
    }
}
