import Keepalived

/// A priority that keepalived does not accept.
///
/// - Condition: `priority` is no number, has something glued to it, or is outside 1 to 255.
/// - Why: The default 100 takes its place, so that peers tie or the wrong one wins.
/// - Remedy: Write a number from 1 to 254.
struct PrioritySyntax: NodeRule {
    static let id = "prio-syntax"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["priority"], [.notANumber, .outOfRange]).map { problem in
            node.finding(
                Self.id, .error, at: problem.location,
                "\(problem.owner): the priority `\(problem.text)` is refused",
                effect: "the default 100 is used", fix: "write a number from 1 to 254")
        }
    }
}
