/// What haops' own notify script runs, read from its text: in keepalived.conf only that script is named.
package struct NotifyHooks: Hashable, Sendable {
    package struct Hook: Hashable, Sendable {
        /// `MASTER`, `BACKUP`, `FAULT` or `STOP`.
        package var state: String
        /// Of a directory without the slash behind it.
        package var path: String
        package var isDirectory: Bool
    }

    package var hooks: [Hook]
    /// Seconds that each may take.
    package var timeout: Int?
    package var writesState: Bool

    /// Where the script stands on a node.
    private static let mark = "# Rendered by haops"

    /// `nil` for the text of another script.
    package init?(script text: String) {
        let lines = text.split(separator: "\n")
        guard lines.contains(where: { $0.hasPrefix(Self.mark) }),
            text.contains("haops-state.") || text.contains("-t haops-notify")
        else { return nil }
        writesState = text.contains("file=/run/haops-state.")
        hooks = []
        for line in lines {
            if line.hasPrefix("limit=") { timeout = Int(line.dropFirst("limit=".count)) }
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, ["MASTER", "BACKUP", "FAULT", "STOP"].contains(words[0]),
                words[1].hasPrefix("/")
            else { continue }
            let isDirectory = words[1].hasSuffix("/")
            hooks.append(
                Hook(
                    state: String(words[0]), path: String(isDirectory ? words[1].dropLast() : words[1]),
                    isDirectory: isDirectory))
        }
    }
}
