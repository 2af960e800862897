import Keepalived

/// A configuration for several nodes that was read without knowing for which.
///
/// - Condition: Lines begin with `@ID` or `@^ID`, and lint was not told the node's config-id.
/// - Why: Each node reads other lines of the file. lint reads it once for each id that the file names, and compares
///   these readings with each other only when the nodes are named.
/// - Remedy: Name each node by its config-id, which is `-i` of its keepalived or its short host name: `lint lb1=FILE
///   lb2=FILE`.
struct ConfigID: NodeRule {
    static let id = "config-id"

    func check(_ node: LintNode) -> [Finding] {
        guard node.assumesConfigID else { return [] }
        for path in node.configuration.files {
            guard let bytes = node.sources[path] else { continue }
            let ids = ConfigIDs(in: bytes, dialect: node.version.dialect)
            guard let place = ids.first else { continue }
            let names = ids.names.prefix(4)
            return [
                node.finding(
                    Self.id, .info,
                    at: ConfigurationLocation(file: path, line: place.line, column: place.column),
                    "the file has lines for the config-ids \(names.map { "`\($0)`" }.joined(separator: ", "))",
                    effect: "each node reads other lines, and nobody has said for which node this is",
                    fix:
                        "name the nodes: `haops lint \(names.map { "\($0)=\(path)" }.joined(separator: " "))`"
                )
            ]
        }
        return []
    }
}
