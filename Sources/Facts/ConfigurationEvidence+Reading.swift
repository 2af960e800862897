package import Keepalived

extension ConfigurationEvidence {
    /// Where every distribution's package looks for keepalived's configuration.
    package static let usualMainFile = "/etc/keepalived/keepalived.conf"

    /// keepalived's arguments, without its own name: those of the daemon that runs, else those that its service would
    /// give it.
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

    /// What the machine's keepalived reads, with all that it includes; `nil` when there is no such file.
    package func configuration(
        on system: SystemInfo?, version: KeepalivedVersion = .assumed
    ) -> Configuration? {
        guard files[mainPath]?.kind == .regular else { return nil }
        return ConfigurationReader(files: set, configID: configID(on: system), version: version)
            .read(path: mainPath)
    }
}

extension HostFacts {
    /// What the machine's own keepalived reads, by its own release; `nil` when nothing is known of its files.
    ///
    /// Of ``ConfigurationFilesFact``, ``SystemFact`` and ``VersionFact``.
    package var keepalivedConfiguration: Configuration? {
        known(ConfigurationFilesFact.self)?.configuration(
            on: known(SystemFact.self), version: known(VersionFact.self) ?? .assumed)
    }
}
