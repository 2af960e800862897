import Keepalived

/// A node without a configuration.
///
/// - Condition: keepalived's configuration does not exist on the node, or cannot be read.
/// - Why: keepalived does not start, and the node cannot take over.
/// - Remedy: Write it, or exclude the node.
struct ConfigMissing: NodeRule {
    static let id = "conf-missing"

    func check(_ node: LintNode) -> [Finding] {
        guard let path = node.facts?.missingConfiguration else { return [] }
        return [
            Finding(
                id: Self.id, severity: .error, nodes: [node.name], file: path,
                message: "there is no readable file `\(path)` on the node",
                effect: "keepalived does not start, and the node cannot take over",
                fix: "write it, or exclude the node")
        ]
    }
}
