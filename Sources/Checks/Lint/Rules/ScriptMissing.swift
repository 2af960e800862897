import Keepalived

/// A script that does not exist.
///
/// - Condition: The program of a script does not exist on the node, or its path is relative.
/// - Why: keepalived removes a check (`not found/accessible`), and the instance runs without it; it drops a missing
///   notify script without a message. A relative path starts at the directory of the configuration.
/// - Remedy: Install it, or write its absolute path.
struct ScriptMissing: NodeRule {
    static let id = "script-missing"

    func check(_ node: LintNode) -> [Finding] {
        ScriptUse.all(in: node).compactMap { use in
            let isRelative =
                use.program.contains("/") && !use.program.hasPrefix("/") && !use.program.hasPrefix("<")
            // The path is not what it seems: ``SyntaxTypographicQuotes``.
            if TypographicQuotes.isIn(use.program) { return nil }
            guard use.path.map({ !$0.exists }) ?? isRelative else { return nil }
            return node.finding(
                Self.id, .error, at: use.location,
                isRelative
                    ? "\(use.owner): the path `\(use.program)` is relative"
                    : "\(use.owner): `\(use.program)` does not exist on the node",
                effect: use.isNotify
                    ? use.isHook
                        ? "no script is called, and the journal reports it each time"
                        : "no script is called, and no message reports it"
                    : "keepalived removes the check, and the instance runs without it",
                fix: isRelative ? "write the absolute path" : ScriptFault.missing.remedy(of: use.program))
        }
    }
}
