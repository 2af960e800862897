import Keepalived

/// A script that does not exist.
///
/// - Condition: The program of a script is not on the node, or its path is relative.
/// - Why: A check is removed (`not found/accessible`) and the instance runs without it; a missing notify
///   script is dropped without a word. A relative path counts from the directory of the configuration.
/// - Remedy: Install it, or write its whole path.
struct ScriptMissing: NodeRule {
    static let id = "script-missing"

    func check(_ node: LintNode) -> [Finding] {
        ScriptUse.all(in: node).compactMap { use in
            let isRelative =
                use.program.contains("/") && !use.program.hasPrefix("/") && !use.program.hasPrefix("<")
            guard use.path.map({ !$0.exists }) ?? isRelative else { return nil }
            return node.finding(
                Self.id, .error, at: use.location,
                isRelative
                    ? "\(use.owner): the path `\(use.program)` is relative"
                    : "\(use.owner): `\(use.program)` does not exist on the node",
                effect: use.isNotify
                    ? use.isHook
                        ? "nothing is called, and the journal says so each time"
                        : "nothing is called, and nothing says so"
                    : "keepalived removes the check, and the instance runs without it",
                fix: isRelative ? "write the whole path" : "install it or correct the path")
        }
    }
}
