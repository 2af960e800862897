import Inventory
package import Keepalived

extension ConfigurationEvidence {
    /// The path of keepalived's configuration in every distribution's package.
    package static let usualMainFile = NodePaths.keepalivedConfig

    /// keepalived's arguments, without its own name: those of the running daemon, else those that its service would
    /// pass.
    package var arguments: [String] {
        guard keepalivedArguments.isEmpty else { return Array(keepalivedArguments.dropFirst()) }
        for path in ["/etc/default/keepalived", "/etc/sysconfig/keepalived"] {
            for line in (text(path) ?? "").split(whereSeparator: \.isNewline)
            where line.hasPrefix("DAEMON_ARGS=") || line.hasPrefix("KEEPALIVED_OPTIONS=") {
                return line.drop { $0 != "=" }.dropFirst().split { " \t\"'".contains($0) }.map(String.init)
            }
        }
        return []
    }

    /// The file that the machine's keepalived reads first.
    package var mainPath: String { mainFile(arguments) ?? Self.usualMainFile }

    /// The configuration that the machine's keepalived reads, with all included files; `nil` when there is no such
    /// file.
    package func configuration(
        on system: SystemInfo?, version: KeepalivedVersion = .assumed
    ) -> Configuration? {
        configuration(at: mainPath, on: system, version: version)
    }

    /// The configuration that a keepalived reads which was started with this file.
    package func configuration(
        at path: String, on system: SystemInfo?, version: KeepalivedVersion = .assumed
    ) -> Configuration? {
        guard files[path]?.kind == .regular else { return nil }
        return ConfigurationReader(files: set, configID: configID(on: system), version: version)
            .read(path: path)
    }
}

extension HostFacts {
    /// The configuration that the machine's own keepalived reads, as its release parses it; `nil` when its files are
    /// not known.
    ///
    /// Uses ``ConfigurationFilesFact``, ``SystemFact``, and ``VersionFact`` or ``KeepalivedFact``.
    package var keepalivedConfiguration: Configuration? {
        known(ConfigurationFilesFact.self)?.configuration(
            on: known(SystemFact.self),
            version: known(VersionFact.self) ?? known(KeepalivedFact.self)?.version ?? .assumed)
    }
}
