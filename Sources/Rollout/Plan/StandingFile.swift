import Facts
import Keepalived
import Rendering

/// A configuration that a daemon is about to read and that haops does not bring: it is judged where it stands.
package struct StandingFile: Hashable, Sendable {
    package enum Daemon: String, Hashable, Sendable {
        case keepalived
        case haproxy
    }

    package var daemon: Daemon
    package var path: String
    /// The daemon runs with it already, so that only what would keep it from starting counts.
    package var isLoaded: Bool

    package init(_ daemon: Daemon, at path: String? = nil, isLoaded: Bool) {
        self.daemon = daemon
        self.path = path ?? Self.usual[daemon] ?? ""
        self.isLoaded = isLoaded
    }

    private static let usual: [Daemon: String] = [
        .keepalived: NodePaths.keepalivedConfig, .haproxy: NodePaths.haproxyConfig,
    ]

    /// What a restart makes a daemon read, with all that it includes.
    init(_ daemon: Daemon, on facts: HostFacts) {
        let evidence = facts.known(ConfigurationFilesFact.self)
        self.init(
            daemon, at: daemon == .keepalived ? evidence?.mainFile(evidence?.keepalivedArguments ?? []) : nil,
            isLoaded: false)
        guard let evidence, facts.known(ServicesFact.self)?[daemon.rawValue]?.isRunning == true,
            let loaded = facts.known(LoadTimesFact.self)?[daemon.rawValue]
        else { return }
        let read =
            daemon == .keepalived
            ? ConfigurationReader(
                files: evidence.set, configID: evidence.configID(on: facts.known(SystemFact.self)),
                version: .assumed
            ).read(path: path).files
            : [path]
        isLoaded = read.allSatisfy { file in
            evidence.files[file].map { !LoadTimesFact.isYounger($0.modified, than: loaded) } ?? false
        }
    }
}
