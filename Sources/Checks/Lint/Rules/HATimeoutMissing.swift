import HAProxy
import Keepalived

/// A haproxy section without timeouts.
///
/// - Condition: A frontend or backend has no `timeout client`, `timeout connect` or `timeout server`, and its
///   `defaults` has none either.
/// - Why: `haproxy -c` only warns; dead connections accumulate until haproxy accepts no more.
/// - Remedy: Set the three timeouts in `defaults`.
struct HATimeoutMissing: NodeRule {
    static let id = "ha-timeout-missing"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.missingTimeouts.map { missing in
            Finding(
                id: Self.id, severity: .warning, nodes: [node.name], file: missing.location.file,
                line: missing.location.line,
                column: 1,
                message:
                    "`\(missing.section)` has no \(missing.timeouts.map { "`timeout \($0)`" }.joined(separator: ", "))",
                effect: "dead connections are never closed", fix: "set the timeouts in `defaults`",
                evidence: [Evidence(at: missing.location, missing.section)])
        }
    }
}
