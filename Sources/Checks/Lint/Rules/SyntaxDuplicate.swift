import Keepalived

/// A duplicate of which only one counts.
///
/// - Condition: A block name is used twice, a keyword that counts once occurs twice, or a tracked name is listed
///   twice.
/// - Why: keepalived skips a second block of the same name; of two notify scripts the first counts; after `state
///   MASTER`, a `state BACKUP` is ignored.
/// - Remedy: Remove one of the two.
struct SyntaxDuplicate: NodeRule {
    static let id = "syntax-duplicate"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.problems.compactMap { problem in
            switch problem.kind {
            case .duplicateName, .nameMissing:
                return node.finding(
                    Self.id, .error, at: problem.location,
                    problem.kind == .nameMissing
                        ? "`\(problem.keyword)` needs exactly one name"
                        : "`\(problem.keyword) \(problem.text)` occurs twice",
                    effect: problem.consequence, fix: "give each block a different name")
            case .duplicateKeyword, .duplicateEntry:
                return node.finding(
                    Self.id, .warning, at: problem.location,
                    "\(problem.owner): `\(problem.keyword)` has a duplicate",
                    effect: problem.consequence,
                    fix: "remove one of the two")
            default:
                return nil
            }
        }
    }
}
