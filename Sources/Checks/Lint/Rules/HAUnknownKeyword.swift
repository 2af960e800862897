import HAProxy
import Inventory

/// A mistyped keyword of haproxy.
///
/// - Condition: The first word of a line in a proxy is no keyword, and almost one that is. Words that resemble none are
///   left to `haproxy -c`, because each release has new ones.
/// - Why: haproxy does not start, and a reload leaves the old configuration in force.
/// - Remedy: Correct the spelling.
struct HAUnknownKeyword: NodeRule {
    static let id = "ha-unknown-keyword"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        // Limits the work on a file that is not a haproxy.cfg at all.
        return haproxy.unknownKeywords.prefix(100).compactMap { unknown in
            guard let meant = suggestion(for: unknown.word, among: HAProxyFile.proxyKeywords.sorted()) else {
                return nil
            }
            return Finding(
                id: Self.id, severity: .error, nodes: [node.name], file: unknown.location.file,
                line: unknown.location.line, column: unknown.location.column,
                message: "`\(unknown.word)` is not a keyword of a \(unknown.section)",
                effect: "haproxy does not start", fix: "did you mean `\(meant)`?",
                evidence: [Evidence(at: unknown.location, unknown.word)])
        }
    }
}
