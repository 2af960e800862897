import Keepalived

/// A priority that keepalived does not accept.
///
/// - Condition: `priority` is not a number, is followed directly by other characters, or is outside 1 to 255.
/// - Why: keepalived uses the default 100, so priorities may be equal or the wrong node may win.
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
