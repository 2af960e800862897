/// What happens when an instance changes its state: haops' script writes the state to a file, and then runs other
/// scripts.
package struct NotifySettings: Hashable, Sendable {
    /// States that scripts can be run for.
    package enum Event: String, Sendable, CaseIterable {
        case master, backup, fault, stop

        /// The state as keepalived passes it to scripts.
        package var state: String { rawValue.uppercased() }
    }

    /// Whether to write the state file, which `who` uses as a fallback.
    package var writesState: Bool
    /// Absolute paths on the nodes, in the order in which they are run.
    package var hooks: [Event: [String]]
    /// A directory whose programs are run, in the order of their names, when an instance becomes MASTER.
    package var directory: String?
    /// Seconds that each script may take.
    package var timeout: Int

    package init(
        writesState: Bool = true, hooks: [Event: [String]] = [:], directory: String? = nil, timeout: Int = 10
    ) {
        self.writesState = writesState
        self.hooks = hooks
        self.directory = directory
        self.timeout = timeout
    }

    /// `notify: false`
    package static let none = NotifySettings(writesState: false)

    /// Whether haops' script is needed.
    package var isUsed: Bool { writesState || runsScripts }
    /// Whether haops' script runs other scripts.
    package var runsScripts: Bool { !scripts.isEmpty || directory != nil }
    /// The named scripts, each once.
    package var scripts: [String] {
        var seen: Set<String> = []
        return Event.allCases.flatMap { hooks[$0] ?? [] }.filter { seen.insert($0).inserted }
    }
}
