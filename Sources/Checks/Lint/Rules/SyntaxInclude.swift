import Keepalived

/// An include names nothing, or never ends.
///
/// - Condition: No file matches, or files include each other in a circle.
/// - Why: The configuration is incomplete, and `keepalived -t` says so with exit status 0 for `include`
///   and `includer`.
/// - Remedy: Correct the path; it is relative to the file that includes.
struct SyntaxInclude: NodeRule {
    static let id = "syntax-include"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.diagnostics.compactMap { diagnostic in
            switch diagnostic.kind {
            case .includeMissing(let pattern):
                return node.finding(
                    Self.id, .warning, at: diagnostic.location, "no file matches the include of `\(pattern)`",
                    effect: "what it should bring in is missing", fix: "correct the path or remove the line")
            case .includeTooDeep(let path):
                return node.finding(
                    Self.id, .error, at: diagnostic.location, "including `\(path)` never ends",
                    effect: "keepalived opens files until it may open no more",
                    fix: "break the circle of includes")
            default:
                return nil
            }
        }
    }
}
