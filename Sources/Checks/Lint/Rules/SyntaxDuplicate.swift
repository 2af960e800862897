import Keepalived

/// Something is said twice and only one of them counts.
///
/// - Condition: A block name is used twice, a keyword that counts once stands twice, or a tracked name is
///   listed twice.
/// - Why: A second block of the same name is skipped as a whole; of two notify scripts the first counts;
///   after `state MASTER` a `state BACKUP` is ignored.
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
                        : "`\(problem.keyword) \(problem.text)` is there twice",
                    effect: problem.consequence, fix: "give each block a name of its own")
            case .duplicateKeyword, .duplicateEntry:
                return node.finding(
                    Self.id, .warning, at: problem.location,
                    "\(problem.owner): `\(problem.keyword)` says something twice",
                    effect: problem.consequence,
                    fix: "remove one of the two")
            default:
                return nil
            }
        }
    }
}
