import Addresses
package import Facts
package import Keepalived
package import Remote

/// One node as doctor sees it: asked twice, with its configuration as its own keepalived would read it.
package struct DoctorNode: Sendable {
    package let id: HostID
    /// The first answer, with everything that does not change from one second to the next.
    package let before: HostFacts?
    /// The second answer, more than a master-down time later.
    package let after: HostFacts?
    /// Why it could not be asked; `nil` when it could, both times.
    package let silence: RemoteError?
    /// What is on its disk; `nil` when there is none.
    package let configuration: Configuration?
    private let sources: [String: [UInt8]]

    /// Where every distribution's package looks for it.
    package static let configurationPath = "/etc/keepalived/keepalived.conf"

    package init(id: HostID, before: Testimony, after: Testimony) {
        self.id = id
        self.before = try? before.get()
        self.after = try? after.get()
        silence =
            if case .failure(let error) = before.onAddresses {
                error
            } else if case .failure(let error) = after.onAddresses {
                error
            } else { nil }
        let files = self.before?.known(FilesFact.self) ?? [:]
        let texts = files.filter { $0.value.kind == .regular }
        sources = texts.mapValues(\.contents)
        guard texts[Self.configurationPath] != nil else {
            configuration = nil
            return
        }
        let set = FileSet(
            texts.mapValues { ConfigurationFile($0.contents, isExecutable: $0.mode & 0o111 != 0) })
        configuration = ConfigurationReader(
            files: set, configID: Self.configID(self.before, texts),
            version: self.before?.known(KeepalivedFact.self)?.version ?? .assumed
        ).read(path: Self.configurationPath)
    }

    /// `-i` of the daemon's options, else the short host name.
    private static func configID(_ facts: HostFacts?, _ files: [String: FileState]) -> String {
        for path in ["/etc/default/keepalived", "/etc/sysconfig/keepalived"] {
            let words = String(decoding: files[path]?.contents ?? [], as: UTF8.self)
                .split { " \t\n\"'=".contains($0) }
            if let index = words.firstIndex(where: { $0 == "-i" || $0 == "--config-id" }),
                words.indices.contains(index + 1)
            {
                return String(words[index + 1])
            }
        }
        return facts?.known(SystemFact.self)?.shortHostname ?? ""
    }

    package var name: String { id.name }
    package var isReachable: Bool { silence == nil }
    package var daemon: KeepalivedDaemon? { after?.known(KeepalivedFact.self) }
    package var interfaces: [Interface] { after?.known(InterfacesFact.self) ?? [] }
    package var filter: PacketFilter? { after?.known(FirewallFact.self) }
    package var journal: [JournalEntry] { after?.known(JournalFact.self) ?? [] }
    package var capture: Capture { after?.known(ListenFact.self) ?? Capture() }

    /// Whether keepalived is absent now and was absent the first time.
    var isDead: Bool {
        guard let first = before?.known(KeepalivedFact.self), let second = daemon else { return false }
        return !first.isRunning && !second.isRunning
    }

    func holds(_ vip: IPAddress) -> Bool { after?.interface(holding: vip) != nil }

    /// What the log says since the daemon last started or read its configuration.
    var recentJournal: ArraySlice<JournalEntry> {
        let start = journal.lastIndex { entry in
            switch entry.event.kind {
            case .started, .reloading: true
            default: false
            }
        }
        return journal[(start ?? journal.startIndex)...]
    }

    /// `lb1: FILE:LINE: text`, and never a line with a password.
    func evidence(at location: SourceLocation?) -> String? {
        guard let location, let bytes = sources[location.file], location.line >= 1 else { return nil }
        let lines = bytes.split(
            separator: UInt8(ascii: "\n"), maxSplits: location.line, omittingEmptySubsequences: false)
        guard location.line <= lines.count else { return nil }
        let words = String(decoding: lines[location.line - 1].prefix(200), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace)
        guard !words.contains(where: { $0.contains("pass") || $0.hasPrefix("$") }) else {
            return "\(name): \(location.file):\(location.line)"
        }
        return "\(name): \(location.file):\(location.line): \(words.joined(separator: " "))"
            .hidingCommandSecrets
    }
}
