import Concealment
package import HAProxy
package import Keepalived

/// One node's configuration, with the known facts of the node.
package struct LintNode: Sendable {
    package var name: String
    package var configuration: Configuration
    /// The texts that the configuration was read from, by path.
    package private(set) var sources: [String: [UInt8]]
    package var facts: NodeFacts?
    package var haproxy: HAProxyConfiguration?
    /// Whether nobody has said which keepalived reads the configuration, so that rules judge for the usual one.
    package var assumesVersion = false
    /// Whether nobody has said which config-id the node has, so that lines for other ids were left out by a guess.
    package var assumesConfigID = false
    /// The parts of the texts that must not be shown.
    let concealed: ConcealedFiles

    package init(
        name: String, configuration: Configuration, sources: [String: [UInt8]] = [:], facts: NodeFacts? = nil,
        haproxy: HAProxyConfiguration? = nil
    ) {
        self.name = name
        self.configuration = configuration
        self.sources = sources
        self.facts = facts
        self.haproxy = haproxy
        concealed = .init(sources, of: configuration)
    }

    /// Reads the configuration at `path`, and what it includes, for one node.
    package init(
        name: String, path: String, files: FileSet, configID: String = "",
        version: KeepalivedVersion = .assumed, facts: NodeFacts? = nil, haproxy: HAProxyConfiguration? = nil
    ) {
        let reader = ConfigurationReader(files: files, configID: configID, version: version)
        self.init(
            name: name, configuration: reader.read(path: path), sources: files.files.mapValues(\.bytes),
            facts: facts, haproxy: haproxy)
    }

    package var version: KeepalivedVersion { configuration.version }
    /// The version as a sentence's end: "this is 2.2.7", or "if this is 2.2.7".
    var versionClause: String { assumesVersion ? "if this is \(version)" : "this is \(version)" }
    package var instances: [Instance] { configuration.instances }
}

extension LintNode {
    /// The config-ids for which the node's files have lines, and one that stands for everyone else when lines exclude an
    /// id.
    ///
    /// At most 16, more than the nodes of any cluster.
    package var configIDs: [String] {
        var names: [String] = []
        var hasExceptions = false
        for path in configuration.files {
            guard let bytes = sources[path] else { continue }
            let ids = ConfigIDs(in: bytes, dialect: version.dialect)
            names += ids.names.filter { !names.contains($0) }
            hasExceptions = hasExceptions || ids.hasExceptions
        }
        return Array(names.prefix(16)) + (hasExceptions ? ["any-other-node"] : [])
    }

    /// The problems of the given keywords, of the given kinds; of all kinds when none is given.
    func problems(_ keywords: Set<String>, _ kinds: Set<ConfigurationProblem.Kind> = [])
        -> [ConfigurationProblem]
    {
        configuration.problems.filter {
            keywords.contains($0.keyword) && (kinds.isEmpty || kinds.contains($0.kind))
        }
    }

    /// A line of a file, with secrets hidden.
    func evidence(at location: ConfigurationLocation) -> Evidence {
        Evidence(at: location, line(at: location))
    }

    /// The line at a place, without blanks at its ends and with secrets hidden.
    func line(at location: ConfigurationLocation) -> String {
        (concealed.shown(location.file, line: location.line, most: 512) ?? "")
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// A finding at a place of this node's files; the line itself is the first evidence.
    func finding(
        _ id: String, _ severity: Finding.Severity, at location: ConfigurationLocation, _ message: String,
        effect: String, fix: String, also: [ConfigurationLocation] = [], evidence: [Evidence] = []
    ) -> Finding {
        let lines = sources.isEmpty ? [] : ([location] + also).map { self.evidence(at: $0) }
        return Finding(
            id: id, severity: severity, nodes: [name], file: location.file, line: location.line,
            column: location.column, message: message, effect: effect, fix: fix, evidence: lines + evidence)
    }
}
