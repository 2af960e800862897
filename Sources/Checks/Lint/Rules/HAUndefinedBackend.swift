import HAProxy

/// A backend that is not there.
///
/// - Condition: `default_backend` or `use_backend` names no `backend` and no `listen` section.
/// - Why: haproxy does not start, and a reload leaves the old configuration in force.
/// - Remedy: Correct the name, or write the section.
struct HAUndefinedBackend: NodeRule {
    static let id = "ha-undefined-backend"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.backendUses.filter { $0.target == nil }.map { use in
            Finding(
                id: Self.id, severity: .error, nodes: [node.name], file: use.location.file,
                line: use.location.line, column: use.location.column,
                message: "`\(use.section)`: there is no backend `\(use.name)`",
                effect: "haproxy does not start", fix: "correct the name, or write the backend",
                evidence: [Evidence(at: use.location, "\(use.keyword) \(use.name)")])
        }
    }
}
