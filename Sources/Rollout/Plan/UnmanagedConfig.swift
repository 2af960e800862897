import Checks
import Facts
import Inventory
import Rendering

/// A configuration that a daemon is about to read and that haops does not ship: it is tested in place.
package struct UnmanagedConfig: Hashable, Sendable {
    package enum Daemon: String, Hashable, Sendable {
        case keepalived
        case haproxy
    }

    package var daemon: Daemon
    package var path: String
    /// Whether the daemon already runs with it; then only errors that prevent a start count.
    package var isLoaded: Bool

    package init(_ daemon: Daemon, at path: String? = nil, isLoaded: Bool) {
        self.daemon = daemon
        self.path = path ?? Self.usual[daemon] ?? ""
        self.isLoaded = isLoaded
    }

    private static let usual: [Daemon: String] = [
        .keepalived: NodePaths.keepalivedConfig, .haproxy: NodePaths.haproxyConfig,
    ]

    /// The configuration that a daemon reads on restart, with all included files.
    init(_ daemon: Daemon, on facts: HostFacts) {
        let evidence = facts.known(ConfigurationFilesFact.self)
        self.init(
            daemon, at: daemon == .keepalived ? evidence?.mainFile(evidence?.keepalivedArguments ?? []) : nil,
            isLoaded: false)
        guard let evidence, facts.known(ServicesFact.self)?[daemon.rawValue]?.isRunning == true else {
            return
        }
        switch daemon {
        case .keepalived: isLoaded = LoadedState.keepalived(on: facts) == .yes
        case .haproxy:
            if facts.known(HAProxyLoadFact.self) != nil {
                isLoaded = LoadedState.haproxy(on: facts) == .yes
            } else {
                isLoaded =
                    evidence.files[path].flatMap {
                        facts.known(LoadTimesFact.self)?.hasRead($0.modified, by: "haproxy")
                    } ?? false
            }
        }
    }
}
