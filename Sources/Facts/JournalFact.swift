package import Keepalived

/// One meaningful line of keepalived's log, with its time on the machine's clock.
package struct JournalEntry: Hashable, Sendable {
    /// Seconds since 1970.
    package var at: Double
    package var event: JournalEvent
    /// The message as logged, not yet safe for a terminal.
    package var message: String

    package init(at: Double, event: JournalEvent, message: String) {
        self.at = at
        self.event = event
        self.message = message
    }

    /// The maximum length of a line in bytes; keepalived's own lines are much shorter.
    private static var longest: Int { 8 << 10 }

    /// Parses journalctl's `short-unix`: `1795251249.451859 lb1 Keepalived_vrrp[22]: (VI_1) Entering MASTER STATE`.
    ///
    /// `nil` for lines in another form and for those that say nothing about roles.
    init?(shortUnix line: some StringProtocol) {
        guard line.utf8.count <= Self.longest else { return nil }
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count == 3, let at = Double(words[0]), at.isFinite,
            let event = JournalEvent(message: words[2])
        else { return nil }
        self.init(at: at, event: event, message: String(words[2]))
    }
}

/// The latest entries of keepalived's journal, the oldest first; empty if there is no journal.
package struct JournalFact: Fact {
    package static let name = "journal"

    /// How many lines are read.
    package var depth: Int

    package init(depth: Int = 400) { self.depth = depth }

    /// Large journals are slow to search.
    package var duration: Int { 10 }

    package var script: String {
        "command -v journalctl >/dev/null && journalctl -q --no-pager -o short-unix -u keepalived -n \(depth)"
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> [JournalEntry] {
        output.lines.suffix(depth).compactMap { JournalEntry(shortUnix: $0) }
    }
}

extension Sequence<JournalEntry> {
    /// Each instance's state after its last transition since the daemon's last start, and the time of the latest one.
    func lastStates() -> (state: LiveState, at: Double)? {
        var instances: [String: LiveState.Instance] = [:]
        var latest = 0.0
        for entry in self {
            let role: LiveState.Role? =
                switch entry.event.kind {
                case .becameMaster: .master
                case .becameBackup: .backup
                case .becameFault: .fault
                default: nil
                }
            if case .started = entry.event.kind { instances = [:] }
            guard let role, !entry.event.subject.isEmpty else { continue }
            instances[entry.event.subject] = LiveState.Instance(
                name: entry.event.subject, role: role, lastTransition: Int(exactly: entry.at.rounded()))
            latest = entry.at
        }
        guard !instances.isEmpty else { return nil }
        return (LiveState(instances: instances.values.sorted { $0.name < $1.name }), latest)
    }
}
