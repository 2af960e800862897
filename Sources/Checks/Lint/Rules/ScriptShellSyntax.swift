import Keepalived

/// Shell syntax in a command that is not run by a shell.
///
/// - Condition: The command of a check or of a notify line contains `||`, `&&`, `|`, `>`, `;`, a backquote or `$(`
///   outside quotes, also glued to a word. keepalived 1.x runs every command through `system()`, and later ones a
///   command that begins with `</`: those are fine.
/// - Why: keepalived executes the program directly: the shell's signs become arguments, and the check always fails or
///   always succeeds.
/// - Remedy: Put the commands into a script file.
struct ScriptShellSyntax: NodeRule {
    static let id = "script-shell-syntax"

    func check(_ node: LintNode) -> [Finding] {
        guard !node.version.runsScriptsInShell else { return [] }
        return commands(of: node).compactMap { owner, command in
            let program = command.program.split(separator: "/").last.map(String.init) ?? ""
            if Self.shells.contains(program), command.arguments.dropFirst().first?.hasPrefix("-") == true {
                return nil
            }
            // keepalived only looks whether the file can be opened, and leaves that to a shell.
            if command.program.hasPrefix("</") { return nil }
            let isRedirect = command.program.hasPrefix("<")
            guard
                let sign = command.shellSign
                    ?? command.ignoredWords.first(where: { Self.signs.contains($0) })
                    ?? (isRedirect ? command.program : nil)
            else { return nil }
            // A backquote would end the quotation.
            let shown = sign == "`" ? "a backquote" : "`\(sign)`"
            return node.finding(
                Self.id, isRedirect ? .warning : .error, at: command.location,
                "\(owner): \(shown) is shell syntax, but no shell runs the command",
                effect: isRedirect
                    ? "keepalived looks for a program of that name and removes the script"
                    : "the program gets it as an argument",
                fix: "put the commands into a script file, or run `/bin/sh -c '…'`")
        }
    }

    private static let shells: Set<String> = ["sh", "bash", "dash", "ash", "ksh"]
    private static let signs: Set<String> = ["||", "&&", "|", ">", "2>", ";", "&"]

    private func commands(of node: LintNode) -> [(String, ScriptCommand)] {
        node.configuration.scripts.compactMap { script in script.command.map { (script.name, $0) } }
            + node.instances.flatMap { instance in instance.notify.map { (instance.name, $0.command) } }
            + node.configuration.syncGroups.flatMap { group in group.notify.map { (group.name, $0.command) } }
            + node.configuration.global.scripts.map { ($0.event, $0.command) }
    }
}
