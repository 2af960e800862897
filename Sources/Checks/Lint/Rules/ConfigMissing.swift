import Keepalived

/// A node without a configuration.
///
/// - Condition: keepalived's configuration is not on the node, or cannot be read.
/// - Why: keepalived does not start, and the node takes over nothing.
/// - Remedy: Write it, or leave the node out.
struct ConfigMissing: NodeRule {
    static let id = "conf-missing"

    func check(_ node: LintNode) -> [Finding] {
        guard let path = node.facts?.missingConfiguration else { return [] }
        return [
            Finding(
                id: Self.id, severity: .error, nodes: [node.name], file: path,
                message: "there is no readable file `\(path)` on the node",
                effect: "keepalived does not start, and the node takes over nothing",
                fix: "write it, or leave the node out")
        ]
    }
}
