import Facts

/// The programs that a shell script calls, limited to those that ``ToolsFact`` knows: the first word of each command.
enum CalledTools {
    static func names(in text: String) -> [String] {
        guard ShellCommands.isShell(text) else { return [] }
        var found: [String] = []
        var isOptional: Set<String> = []
        for command in ShellCommands.lines(in: text).joined() {
            for (name, isAsked) in tools(of: command) {
                // A script that tests for a program first can work without it.
                if isAsked { isOptional.insert(name) } else if !found.contains(name) { found.append(name) }
            }
        }
        return found.filter { !isOptional.contains($0) }
    }

    /// Commands that test for the program named after them.
    private static let askers: Set<Substring> = ["command", "which", "type", "hash"]

    private static func tools(of words: [Substring]) -> [(name: String, isAsked: Bool)] {
        guard let first = words.first else { return [] }
        if askers.contains(first) {
            return words.dropFirst().compactMap(tool).map { ($0, true) }
        }
        guard let name = tool(first) else { return [] }
        // `timeout 2 curl …`, `sudo -u x psql …`
        if ["timeout", "sudo", "nice", "ionice"].contains(first),
            let next = words.dropFirst().lazy.compactMap(tool).first
        {
            return [(name, false), (next, false)]
        }
        return [(name, false)]
    }

    private static func tool(_ word: Substring) -> String? {
        ToolsFact.known.contains(String(word)) ? String(word) : nil
    }
}
