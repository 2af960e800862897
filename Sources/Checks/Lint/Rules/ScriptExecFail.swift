import Keepalived

/// A script whose interpreter does not exist.
///
/// - Condition: The program after `#!` does not exist on the node.
/// - Why: The execution fails in the child process, which ends with 0: the check always succeeds.
/// - Remedy: Correct the first line.
struct ScriptExecFail: NodeRule {
    static let id = "script-exec-fail"

    func check(_ node: LintNode) -> [Finding] {
        ScriptUse.all(in: node).compactMap { use in
            guard let path = use.path, path.exists, let interpreter = path.interpreter,
                !path.interpreterExists
            else { return nil }
            return node.finding(
                Self.id, .warning, at: use.location,
                "\(use.owner): `\(use.program)` needs `\(interpreter)`, which does not exist",
                effect: use.isHook
                    ? "it does not run, and the journal reports that"
                    : "keepalived treats the failed execution as success",
                fix: ScriptFault.withoutInterpreter(interpreter).remedy(of: use.program),
                evidence: [Evidence(.file(use.program, line: 1), "#!\(interpreter)")])
        }
    }
}
