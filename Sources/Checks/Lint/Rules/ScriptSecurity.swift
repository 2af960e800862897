import Keepalived

/// Scripts without script security.
///
/// - Condition: Scripts are used and `enable_script_security` is not set.
/// - Why: The scripts run anyway, by default as root; a user who may write one of them can become root.
/// - Remedy: Set `enable_script_security` and `script_user`.
struct ScriptSecurity: NodeRule {
    static let id = "script-security"

    func check(_ node: LintNode) -> [Finding] {
        guard node.version.hasScriptSecurity, !node.configuration.global.scriptSecurity.value else {
            return []
        }
        let places =
            node.configuration.scripts.compactMap { $0.command?.location }
            + node.instances.flatMap(\.notify).map(\.command.location)
        guard let first = places.min() else { return [] }
        return [
            node.finding(
                Self.id, .warning, at: first, "scripts run without `enable_script_security`",
                effect:
                    "keepalived runs them even if users other than root may write them, and `keepalived -t` ends with \(node.version < KeepalivedVersion(2, 2, 5) ? 5 : 6)",
                fix: "add `enable_script_security` and `script_user root` to global_defs")
        ]
    }
}
