import Keepalived

/// A keyword without the value that it needs.
///
/// - Condition: The line ends after the keyword, often because a comment sign hides the value.
/// - Why: keepalived ends at once (`*** Configuration line starting … is missing a parameter`); after a reload it
///   stays down.
/// - Remedy: Give the value, in double quotes if it contains `#` or `!`.
struct SyntaxMissingArgument: NodeRule {
    static let id = "syntax-missing-argument"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.problems.filter { $0.kind == .missingArgument }.map { problem in
            node.finding(
                Self.id, .error, at: problem.location, "`\(problem.keyword)` has no value",
                effect: node.version >= KeepalivedVersion(1, 3, 0)
                    ? "keepalived ends as soon as it reads the line"
                    : "keepalived may crash when it reads the line",
                fix: "give the value, in double quotes if it contains `#` or `!`")
        }
    }
}
