import Keepalived

/// An include without a matching file, or an endless include.
///
/// - Condition: No file matches, or files include each other in a cycle.
/// - Why: The configuration is incomplete; `keepalived -t` reports this, but ends with 0 for `include` and
///   `includer`.
/// - Remedy: Correct the path, which is relative to the including file.
struct SyntaxInclude: NodeRule {
    static let id = "syntax-include"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.diagnostics.compactMap { diagnostic in
            switch diagnostic.kind {
            case .includeMissing(let pattern):
                return node.finding(
                    Self.id, .warning, at: diagnostic.location, "no file matches the include of `\(pattern)`",
                    effect: "the included lines are missing", fix: "correct the path or remove the line")
            case .includeTooDeep(let path):
                return node.finding(
                    Self.id, .error, at: diagnostic.location, "including `\(path)` never ends",
                    effect: "keepalived opens files until it reaches its limit",
                    fix: "remove the cycle of includes")
            default:
                return nil
            }
        }
    }
}
