import Addresses
package import Facts
package import HAProxy
package import Keepalived

extension LintNode {
    /// A live node: its files as its own keepalived reads them, and the facts that the machine reports.
    ///
    /// - `version`: the release to assume instead of the installed one; `haproxyVersion` for haproxy.
    /// - `clockOffset`: seconds by which the node's clock is ahead of the operator's.
    package init(
        name: String, answer: HostFacts, version: KeepalivedVersion? = nil,
        haproxyVersion: HAProxyVersion? = nil,
        clockOffset: Double? = nil
    ) {
        let evidence = answer.known(ConfigurationFilesFact.self) ?? ConfigurationEvidence(files: [:])
        let path = evidence.mainPath
        let hostname = answer.known(SystemFact.self)?.hostname ?? name
        var files = evidence.set
        let isMissing = files.files[path] == nil
        if isMissing { files.files[path] = ConfigurationFile([]) }
        let reader = ConfigurationReader(
            files: files,
            configID: evidence.configID(evidence.arguments) ?? String(hostname.prefix { $0 != "." }),
            version: version ?? answer.known(VersionFact.self) ?? .assumed)
        let configuration = reader.read(path: path)
        var facts = NodeFacts(answer, configuration: configuration)
        facts.clockOffset = clockOffset
        if isMissing { facts.missingConfiguration = path }
        self.init(
            name: name, configuration: configuration, sources: files.files.mapValues(\.bytes), facts: facts,
            haproxy: evidence.haproxy?.read(
                for: haproxyVersion ?? answer.known(HAProxyFact.self)?.version.flatMap { HAProxyVersion($0) })
        )
    }

    /// Programs that the configuration runs and that the answer does not cover, because definitions hid their names
    /// or haops' notify script runs them.
    package var unknownPrograms: [String] {
        let directories = ScriptUse.hookDirectories(in: self).filter { facts?.paths?[$0] == nil }
        return Set(ScriptUse.all(in: self).filter { $0.path == nil }.map(\.program) + directories)
            .filter { !$0.isEmpty && !$0.hasPrefix("<") && ($0.hasPrefix("/") || !$0.contains("/")) }.sorted()
    }
}
