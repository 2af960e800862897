import Addresses
import Concealment
package import Facts
package import Keepalived
package import Remote

/// One node's two answers to doctor, with its configuration as its own keepalived would read it.
package struct DoctorNode: Sendable {
    package let id: HostID
    /// The first answer, which also contains everything that does not change within seconds.
    package let before: HostFacts?
    /// The second answer, more than a master-down time later.
    package let after: HostFacts?
    /// Why the node could not be asked; `nil` when both answers arrived.
    package let silence: RemoteError?
    /// The configuration on its disk; `nil` when there is none.
    package let configuration: Configuration?
    /// The machine's files, with the parts that must not be shown.
    let concealed: ConcealedFiles

    /// The file that its keepalived reads first.
    package let mainPath: String

    package init(id: HostID, before: ProbeResult, after: ProbeResult) {
        self.id = id
        self.before = try? before.get()
        self.after = try? after.get()
        silence =
            if case .failure(let error) = before.onAddresses {
                error
            } else if case .failure(let error) = after.onAddresses {
                error
            } else { nil }
        let evidence = self.before?.known(ConfigurationFilesFact.self) ?? ConfigurationEvidence(files: [:])
        mainPath = evidence.mainPath
        configuration = evidence.configuration(
            on: self.before?.known(SystemFact.self),
            version: self.before?.known(KeepalivedFact.self)?.version ?? .assumed)
        concealed = .init(
            evidence.files.filter { $0.value.kind == .regular }.mapValues(\.contents), of: configuration)
    }

    package var name: String { id.name }
    package var isReachable: Bool { silence == nil }
    var version: KeepalivedVersion { before?.known(KeepalivedFact.self)?.version ?? .assumed }
    package var daemon: KeepalivedDaemon? { after?.known(KeepalivedFact.self) }
    package var interfaces: [Interface] { after?.known(InterfacesFact.self) ?? [] }
    package var filter: PacketFilter? { after?.known(FirewallFact.self) }
    package var journal: [JournalEntry] { after?.known(JournalFact.self) ?? [] }
    package var capture: Capture { after?.known(ListenFact.self) ?? Capture() }

    /// The second answer, completed by facts that only the first one has.
    var everything: HostFacts? {
        guard var facts = after else { return nil }
        if let files = before?.known(ConfigurationFilesFact.self) {
            facts.set(ConfigurationFilesFact.self, to: files)
        }
        if let system = before?.known(SystemFact.self) { facts.set(SystemFact.self, to: system) }
        if let paths = before?.known(NamedPathsFact.self) { facts.set(NamedPathsFact.self, to: paths) }
        return facts
    }

    /// Whether keepalived did not run in either sample.
    var isDead: Bool {
        guard let first = before?.known(KeepalivedFact.self), let second = daemon else { return false }
        return !first.isRunning && !second.isRunning
    }

    func holds(_ vip: IPAddress) -> Bool { after?.interface(holding: vip) != nil }

    /// The log entries since the daemon last started or read its configuration.
    var recentJournal: ArraySlice<JournalEntry> {
        let start = journal.lastIndex { entry in
            switch entry.event.kind {
            case .started, .reloading: true
            default: false
            }
        }
        return journal[(start ?? journal.startIndex)...]
    }

    /// A line of a file, with secrets hidden.
    func evidence(at location: ConfigurationLocation?) -> Evidence? {
        guard let location, let line = concealed.shown(location.file, line: location.line, most: 200) else {
            return nil
        }
        let words = line.split(whereSeparator: \.isWhitespace)
        return Evidence(at: location, on: name, words.joined(separator: " "))
    }
}
