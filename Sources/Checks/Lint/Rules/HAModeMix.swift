import HAProxy

/// A frontend for HTTP with a backend for TCP.
///
/// - Condition: A section in `mode http` chooses a backend in `mode tcp`; without `mode`, and without one in `defaults`,
///   a section is in `mode tcp`.
/// - Why: haproxy does not start, and a reload leaves the old configuration in force.
/// - Remedy: Give both the same mode.
struct HAModeMix: NodeRule {
    static let id = "ha-mode-mix"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.backendUses.compactMap { use in
            guard let target = use.target, use.mode == "http", target.mode == "tcp" else { return nil }
            return Finding(
                id: Self.id, severity: .error, nodes: [node.name], file: use.location.file,
                line: use.location.line, column: use.location.column,
                message: "`\(use.section)` is in mode http, and its `\(target.title)` in mode tcp",
                effect: "haproxy does not start", fix: "give both the same `mode`",
                evidence: [Evidence(at: use.location, "\(use.keyword) \(use.name)")])
        }
    }
}
