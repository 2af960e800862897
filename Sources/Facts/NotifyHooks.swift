/// The programs that haops' own notify script runs, read from its text; keepalived.conf names only that script.
package struct NotifyHooks: Hashable, Sendable {
    package struct Hook: Hashable, Sendable {
        /// `MASTER`, `BACKUP`, `FAULT` or `STOP`.
        package var state: String
        /// The path; a directory's path has no trailing slash.
        package var path: String
        package var isDirectory: Bool
    }

    package var hooks: [Hook]
    /// The time limit of each program in seconds.
    package var timeout: Int?
    package var writesState: Bool

    /// The path of the script on a node.
    private static let mark = "# Rendered by haops"

    /// `nil` if the text is not haops' notify script.
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
