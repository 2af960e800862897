import Keepalived

/// Arguments of a script outside the quotes.
///
/// - Condition: `script PROGRAM ARGUMENT` without quotes; or a notify line whose second word is not a user.
/// - Why: keepalived drops the arguments without a message: `script /usr/bin/killall -0 haproxy` runs `killall`
///   alone. After a notify script, keepalived reads a user and a group.
/// - Remedy: Put the whole command between double quotes.
struct ScriptUnquotedArguments: NodeRule {
    static let id = "script-unquoted-args"

    func check(_ node: LintNode) -> [Finding] {
        let checks = node.configuration.scripts.compactMap { script -> Finding? in
            guard let command = script.command, let first = command.ignoredWords.first else { return nil }
            return node.finding(
                Self.id, .error, at: command.location,
                "\(script.name): `\(first)` and the words after it are outside the quotes",
                effect: "keepalived runs `\(command.text)` alone",
                fix: "write `script \"\((command.arguments + command.ignoredWords).joined(separator: " "))\"`"
            )
        }
        let states: Set<String> = ["MASTER", "BACKUP", "FAULT", "STOP", "INSTANCE", "GROUP"]
        let all =
            node.instances.flatMap { instance in instance.notify.map { (instance.name, $0) } }
            + node.configuration.syncGroups.flatMap { group in group.notify.map { (group.name, $0) } }
        return checks
            + all.compactMap { owner, notify in
                guard let user = notify.user?.user,
                    states.contains(user) || !notify.command.ignoredWords.isEmpty
                else { return nil }
                return node.finding(
                    Self.id, .error, at: notify.command.location,
                    "\(owner): keepalived reads `\(user)` as the user that `\(notify.event)` runs as",
                    effect: "there is no such user, so the script is dropped",
                    fix: "put the script and its arguments between double quotes")
            }
    }
}
