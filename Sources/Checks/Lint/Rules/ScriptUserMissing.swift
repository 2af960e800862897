import Keepalived

/// Scripts without a user.
///
/// - Condition: `enable_script_security` without `script_user`, and the node has no user
///   `keepalived_script`.
/// - Why: keepalived removes every script without a user, and instances run without their checks.
/// - Remedy: Set `script_user`.
struct ScriptUserMissing: NodeRule {
    static let id = "script-user"

    func check(_ node: LintNode) -> [Finding] {
        let global = node.configuration.global
        guard global.scriptSecurity.value, global.scriptUser == nil,
            node.version >= KeepalivedVersion(1, 3, 0)
        else { return unknownUsers(node) }
        if node.facts?.users?.contains("keepalived_script") == true { return unknownUsers(node) }
        let place = global.scriptSecurity.location
        let scripts = node.configuration.scripts.filter { $0.user == nil }
        guard !scripts.isEmpty || node.instances.contains(where: { !$0.notify.isEmpty }), let place else {
            return unknownUsers(node)
        }
        let isKnown = node.facts?.users != nil
        return [
            node.finding(
                Self.id, isKnown ? .error : .warning, at: place,
                "script security is on and there is no `script_user`",
                effect: isKnown
                    ? "scripts are removed, and the instances run without their checks"
                    : "without a user `keepalived_script` on the node, scripts are removed",
                fix: "add `script_user root` (or another user that exists) to global_defs")
        ] + unknownUsers(node)
    }

    private func unknownUsers(_ node: LintNode) -> [Finding] {
        guard let users = node.facts?.users else { return [] }
        var named: [(ScriptUser, ConfigurationLocation?)] = node.configuration.scripts.compactMap { script in
            script.user.map { ($0.value, $0.location) }
        }
        if let user = node.configuration.global.scriptUser { named.append((user.value, user.location)) }
        return named.compactMap { user, place in
            guard !users.contains(user.user), let place else { return nil }
            return node.finding(
                Self.id, .error, at: place, "there is no user `\(user.user)` on the node",
                effect: "the scripts that should run as that user are removed", fix: "name a user that exists"
            )
        }
    }
}
