import Keepalived

/// Times of a check that do not fit.
///
/// - Condition: `interval`, `timeout`, `rise` or `fall` is no whole number, or the timeout is longer than
///   the interval.
/// - Why: A fraction is ignored and 1 s is used; with a longer timeout runs are skipped (`expect idle`).
/// - Remedy: Use whole seconds, with a timeout of at most the interval.
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
                    Self.id, .warning, at: script.timeout.location ?? script.location,
                    "\(script.name): the timeout of \(script.timeout.value) s is longer than the interval of \(script.interval.value) s",
                    effect: "runs that are due while one is still going are skipped",
                    fix: "make the timeout at most \(script.interval.value)")
            }
    }
}
