import Keepalived

/// Invalid or conflicting times of a check.
///
/// - Condition: `interval`, `timeout`, `rise` or `fall` is not a whole number; or, a remark, the timeout is longer than
///   the interval.
/// - Why: keepalived ignores a fraction and uses 1 s. While a run takes longer than the interval, keepalived skips the
///   next ones (`expect idle`), so a hanging check is noticed after the timeout and not after the interval.
/// - Remedy: Use whole seconds. A check that is slow by nature may keep its timeout; the interval can be longer.
struct ScriptTiming: NodeRule {
    static let id = "script-timing"

    func check(_ node: LintNode) -> [Finding] {
        let values = node.problems(["interval", "timeout", "rise", "fall"]).filter {
            $0.kind != .missingArgument
        }.map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): `\(problem.keyword) \(problem.text)` cannot be used",
                effect: problem.consequence, fix: "use a whole number")
        }
        return values
            + node.configuration.scripts.filter { $0.timeout.value > $0.interval.value }.map { script in
                node.finding(
                    Self.id, .info, at: script.timeout.location ?? script.location,
                    "\(script.name): the timeout of \(script.timeout.value) s is longer than the interval of \(script.interval.value) s",
                    effect: "keepalived skips runs while an earlier one is still active",
                    fix:
                        "leave it if the check may take that long; `interval \(script.timeout.value)` says what happens"
                )
            }
    }
}
