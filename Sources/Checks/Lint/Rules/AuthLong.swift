import Keepalived

/// A password of more than eight characters.
///
/// - Condition: `auth_pass` has more than 8 bytes.
/// - Why: Only the first eight characters count: two nodes accept each other's adverts when those are equal, and the
///   rest adds no protection.
/// - Remedy: Shorten it on all nodes at once.
struct AuthLong: NodeRule {
    static let id = "auth-long"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["auth_pass"], [.tooLong]).map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): `auth_pass` is longer than 8 characters",
                effect: "keepalived uses the first 8 and `keepalived -t` reports an error",
                fix: "shorten it to 8 characters, on every node at the same time")
        }
    }
}
