import Keepalived

/// Authentication that has no effect.
///
/// - Condition: `auth_type` is neither `PASS` nor `AH`, or only one of `auth_pass` and `auth_type` is set.
/// - Why: This node sends adverts without authentication, and peers with authentication refuse them.
/// - Remedy: Write `auth_type PASS` and `auth_pass`.
struct AuthType: NodeRule {
    static let id = "auth-type"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.problems.compactMap { problem in
            let isType =
                problem.keyword == "auth_type" && (problem.kind == .unknownValue || problem.kind == .required)
            let isEmpty = problem.keyword == "authentication" && problem.consequence.contains("no password")
            guard isType || isEmpty else { return nil }
            let message =
                problem.kind == .unknownValue
                ? "unknown authentication type `\(problem.text)`"
                : isEmpty ? "`auth_type` has no `auth_pass`" : "`auth_pass` has no `auth_type`"
            return node.finding(
                Self.id, .error, at: problem.location, "\(problem.owner): \(message)",
                effect: "its adverts carry no authentication, and peers that expect it refuse them",
                fix: "write `auth_type PASS` and an `auth_pass` of at most 8 characters")
        }
    }
}
