import Keepalived

/// A script without an execute bit.
///
/// - Condition: The file exists and has no execute bit.
/// - Why: keepalived disables it without a message (`keepalived -t` ends with 0), and the instance runs without the
///   check.
/// - Remedy: chmod 755.
struct ScriptNotExecutable: NodeRule {
    static let id = "script-noexec"

    func check(_ node: LintNode) -> [Finding] {
        ScriptUse.all(in: node).compactMap { use in
            guard let path = use.path, path.exists, !path.isDirectory, path.mode & 0o111 == 0 else {
                return nil
            }
            return node.finding(
                Self.id, .error, at: use.location, "\(use.owner): `\(use.program)` is not executable",
                effect: use.isHook
                    ? "haops' notify script skips it, and reports that in the journal"
                    : "keepalived disables it without a message",
                fix: ScriptFault.notExecutable.remedy(of: use.program),
                evidence: [Evidence(.kernel, "\(path.path): mode 0\(String(path.mode, radix: 8))")])
        }
    }
}
