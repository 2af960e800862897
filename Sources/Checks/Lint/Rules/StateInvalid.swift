import Keepalived

/// An initial state that does not exist.
///
/// - Condition: `state` is neither `MASTER` nor `BACKUP`; `SLAVE` is the most frequent.
/// - Why: keepalived reports `unknown state, defaulting to BACKUP` (1.2 reports nothing) and continues: this is
///   harmless, but `keepalived -t` fails.
/// - Remedy: Write `state BACKUP`.
struct StateInvalid: NodeRule {
    static let id = "state-invalid"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["state"], [.unknownValue]).map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): unknown state `\(problem.text)`",
                effect: "keepalived starts as BACKUP, and `keepalived -t` reports an error",
                fix: "write `state BACKUP`")
        }
    }
}
