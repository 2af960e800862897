/// What is done when an instance changes its state: haops' own script writes it to a file, and then runs others.
package struct NotifySettings: Hashable, Sendable {
    /// States that scripts can be run for.
    package enum Event: String, Sendable, CaseIterable {
        case master, backup, fault, stop

        /// As keepalived passes it on.
        package var state: String { rawValue.uppercased() }
    }

    /// Write the state file, which `who` can fall back on.
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

    /// Whether haops' own script is needed at all.
    package var isUsed: Bool { writesState || runsScripts }
    /// Whether it runs anything else.
    package var runsScripts: Bool { !scripts.isEmpty || directory != nil }
    /// The scripts that are named, each once.
    package var scripts: [String] {
        var seen: Set<String> = []
        return Event.allCases.flatMap { hooks[$0] ?? [] }.filter { seen.insert($0).inserted }
    }
}
