package import Facts
package import Keepalived

/// Whether a daemon runs the configuration on its node's disk.
///
/// The daemon is the primary source: its reported instances, its serving workers, the configurations that it refused.
/// Times of files and processes are the second source; if they do not decide, the answer is ``unknown``.
package enum LoadedState: Hashable, Sendable {
    case yes
    /// The reasons, a sentence each, without the daemon's name.
    case no([String])
    /// Not known, or the daemon does not run.
    case unknown

    package var reasons: [String] { if case .no(let reasons) = self { reasons } else { [] } }

    package var isLoaded: Bool? {
        switch self {
        case .yes: true
        case .no: false
        case .unknown: nil
        }
    }
}

extension LoadedState {
    /// The state of keepalived by the kernel's and the daemon's data.
    ///
    /// Uses ``KeepalivedFact`` and ``LoadTimesFact``, if they were asked.
    /// - `configuration`: the configuration on disk, as the machine's keepalived reads it.
    package static func keepalived(
        _ configuration: Configuration?, files: [String: FileState], on facts: HostFacts
    ) -> LoadedState {
        let daemon = facts.known(KeepalivedFact.self)
        let runs = daemon?.isRunning ?? facts.known(ServicesFact.self)?["keepalived"]?.isRunning
        guard runs == true, let configuration else { return .unknown }
        let agrees: Bool
        if let daemon, daemon.roleSource.isCurrent, let live = daemon.state?.instances {
            let differences = configuration.differences(from: live)
            guard differences.isEmpty else { return .no(differences) }
            agrees = true
        } else {
            agrees = false
        }
        let loads = facts.known(LoadTimesFact.self) ?? LoadTimes()
        let read = configuration.files.map { file in
            files[file].flatMap { loads.hasRead($0.modified, by: "keepalived") }
        }
        if read.contains(false) {
            return .no(["the file was written after the daemon read its configuration"])
        }
        if agrees || !read.isEmpty && read.allSatisfy({ $0 == true }) { return .yes }
        return .unknown
    }

    /// The state of keepalived by ``ConfigurationFilesFact``, ``SystemFact``, ``KeepalivedFact`` or ``VersionFact``,
    /// and ``LoadTimesFact`` if it was asked.
    package static func keepalived(on facts: HostFacts) -> LoadedState {
        guard let evidence = facts.known(ConfigurationFilesFact.self) else { return .unknown }
        let version = facts.known(KeepalivedFact.self)?.version ?? facts.known(VersionFact.self)
        return keepalived(
            evidence.configuration(on: facts.known(SystemFact.self), version: version ?? .assumed),
            files: evidence.files, on: facts)
    }

    /// The state of haproxy by its processes, its master and its log, from ``HAProxyLoadFact``.
    package static func haproxy(on facts: HostFacts) -> LoadedState {
        facts.known(HAProxyLoadFact.self).map(haproxy) ?? .unknown
    }

    package static func haproxy(_ load: HAProxyLoad) -> LoadedState {
        guard let started = load.startedAt, !load.files.isEmpty else { return .unknown }
        let failure = load.failure
        let hasFailed = load.failedReloads.map { $0 > 0 } ?? (failure != nil)
        func isUnread(_ file: HAProxyLoad.File) -> Bool {
            if LoadTimesFact.isYounger(file.modified, than: started) { return true }
            guard hasFailed else { return false }
            // The file was in place when haproxy refused to load it.
            if let failure { return file.changed <= failure.at && file.changed + 2 >= started }
            return file.modified + 2 >= started
        }
        guard load.files.contains(where: isUnread) else { return .yes }
        guard hasFailed else { return .no(["it was written after haproxy read its configuration"]) }
        return .no(failure?.alerts ?? ["its last reload failed, see `journalctl -u haproxy`"])
    }
}

extension HAProxyLoad {
    /// The last load that haproxy refused; `nil` if none failed since its last successful load.
    fileprivate var failure: (at: Int, alerts: [String])? {
        let success = log.lastIndex { line in
            ["Loading success", "forked"].contains { line.message.contains($0) }
        }
        let since = log[(success.map { $0 + 1 } ?? log.startIndex)...]
        let last = since.last { line in
            ["Loading failure", "waitpid mode", "failed to start"].contains { line.message.contains($0) }
        }
        guard let last else { return nil }
        let attempt = since.lastIndex { line in
            ["Reloading HAProxy", "Reexecuting Master process"].contains { line.message.contains($0) }
                && !line.message.contains("waitpid mode")
        }
        let alerts = since[(attempt ?? since.startIndex)...].filter { $0.message.contains("[ALERT]") }.map {
            Self.words(of: $0.message)
        }
        .filter { text in Self.harmless.contains { text.contains($0) } }
        let told = alerts.isEmpty ? ["its last reload failed, see `journalctl -u haproxy`"] : alerts.uniqued()
        return (last.at, Array(told.prefix(3)))
    }

    /// Alerts that may be shown; others may quote the configuration.
    private static let harmless = [
        "annot bind", "annot raise", "annot chroot", "FD limit", "maxconn", "nofile",
    ]

    /// The text of an alert such as `[ALERT]    (1060) : Binding [/etc/…`, without its prefix.
    private static func words(of message: String) -> String {
        let text = message.firstRange(of: ") : ").map { message[$0.upperBound...] } ?? message[...]
        return String(text.drop { $0 == " " })
    }
}
