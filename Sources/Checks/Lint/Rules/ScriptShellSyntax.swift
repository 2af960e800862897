import Keepalived

/// Shell syntax in a command that is not run by a shell.
///
/// - Condition: The command contains `||`, `&&`, `|`, `>`, `;`, a backquote or `$(` as a separate word or at the
///   start of a word.
/// - Why: keepalived executes the program directly: the shell's signs become arguments, and the check always fails or
///   always succeeds.
/// - Remedy: Put the commands into a script file.
struct ScriptShellSyntax: NodeRule {
    static let id = "script-shell-syntax"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.scripts.compactMap { script in
            guard let command = script.command else { return nil }
            let shells: Set<String> = ["sh", "bash", "dash", "ash", "ksh"]
            let program = command.program.split(separator: "/").last.map(String.init) ?? ""
            if shells.contains(program), command.arguments.dropFirst().first?.hasPrefix("-") == true {
                return nil
            }
            let signs = ["||", "&&", "|", ">", "2>", "$(", "`", ";"]
            let words = command.arguments + command.ignoredWords
            let isRedirect = command.program.hasPrefix("<")
            guard
                let sign = words.first(where: { word in
                    signs.contains { word == $0 || word.hasPrefix($0) } || word.hasSuffix(";")
                }) ?? (isRedirect ? command.program : nil)
            else { return nil }
            return node.finding(
                Self.id, isRedirect ? .warning : .error, at: command.location,
                "\(script.name): `\(sign)` is shell syntax, but no shell runs the command",
                effect: isRedirect
                    ? "keepalived looks for a program of that name and removes the script"
                    : "the program gets it as an argument",
                fix: "put the commands into a script file, or run `/bin/sh -c '…'`")
        }
    }
}
