import Keepalived

/// A haproxy proxy without timeouts.
///
/// - Condition: A frontend or backend has no `timeout client`, `timeout connect` or `timeout server` of
///   its own or from its `defaults`.
/// - Why: `haproxy -c` only warns; dead connections pile up until no more are accepted.
/// - Remedy: Set the three timeouts in `defaults`.
struct HATimeoutMissing: NodeRule {
    static let id = "ha-timeout-missing"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.sections.compactMap { section in
            let missing = section.missingTimeouts
            guard !missing.isEmpty else { return nil }
            return Finding(
                id: Self.id, severity: .warning, nodes: [node.name], file: section.location.file,
                line: section.location.line,
                column: 1,
                message:
                    "`\(section.title)` has no \(missing.map { "`timeout \($0)`" }.joined(separator: ", "))",
                effect: "dead connections are kept for ever", fix: "set the timeouts in `defaults`",
                evidence: ["\(section.location.file):\(section.location.line): \(section.title)"])
        }
    }
}
