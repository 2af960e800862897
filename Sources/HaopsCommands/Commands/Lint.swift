import ArgumentParser
import Checks
import FoundationEssentials
import HAProxy
import Inventory
import Keepalived
import Remote
import Rendering
import Rollout
import Survey

struct Lint: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Find the mistakes in keepalived.conf and haproxy.cfg, within each node's and between peers'.",
        discussion: """
            Files given together are peers; name them as lb1=a.conf. With -i, what would be rendered is looked at. With \
            --nodes, what is on those nodes, haproxy.cfg and includes too, for the keepalived that is there and with all \
            that decides whether it works: interfaces, scripts with their owners and modes, kernel settings, packet \
            filters, who else manages addresses. One round trip per node; nothing is changed. A comment \
            `# haops-ignore: ID -- reason` on a line, or on the line above it, excuses a finding. A haproxy.cfg among the \
            files is read as haproxy's. --fix shows what it would write, asks, and looks again.

            Exit: 0 no errors, 4 a node did not answer, 5 errors (with --strict, warnings too), 64 a file cannot be read.
            """)

    @Argument(
        help: ArgumentHelp("Configurations, `name=file` to name their nodes.", valueName: "file"),
        completion: .file())
    var files: [String] = []

    @Option(
        name: .customLong("version"),
        help: ArgumentHelp(
            "The keepalived release to check for; by default, with --nodes, the installed one.",
            valueName: "version"))
    var release: String?

    @Option(
        help: ArgumentHelp(
            "A haproxy.cfg to check, as that of every node when there are any.", valueName: "file"),
        completion: .file())
    var haproxy: String?

    @Option(
        help: ArgumentHelp(
            "The haproxy release to check for, to see what an upgrade would break; by default, with --nodes, the installed one.",
            valueName: "version"))
    var haproxyVersion: String?

    @Flag(help: "Exit 5 for warnings, too.")
    var strict = false

    @Flag(help: "Print SARIF 2.1.0, for code review.")
    var sarif = false

    @Flag(
        help:
            "Write the safe remedies into the files named: quotes, braces, deprecated keywords; weights are asked for."
    )
    var fix = false

    @OptionGroup(title: "Writing") var consent: ConsentFlags
    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if let release, KeepalivedVersion(release) == nil {
            throw ValidationError("`\(release)` is not a release of keepalived; write it like 2.2.7")
        }
        if let haproxyVersion, HAProxyVersion(haproxyVersion) == nil {
            throw ValidationError("`\(haproxyVersion)` is not a release of haproxy; write it like 3.0")
        }
        if fix, files.isEmpty { throw ValidationError("--fix goes with files, which it writes") }
        if consent.yes || consent.dryRun, !fix {
            throw ValidationError("--yes and --dry-run go with --fix: lint alone writes nothing")
        }
        if !files.isEmpty {
            if fleetOptions.nodes != nil { throw ValidationError("files and --nodes exclude each other") }
            guard fleetOptions.inventory == nil, fleetOptions.cluster.isEmpty, fleetOptions.limit == nil
            else {
                throw ValidationError("files exclude -i, -c and -l, which check rendered files")
            }
        } else if haproxy != nil, fleetOptions.nodes != nil || fleetOptions.inventory != nil {
            throw ValidationError(
                "--haproxy goes with files: --nodes reads each node's own, and -i renders it")
        }
        var names: Set<String> = []
        for (name, _) in files.map(Self.named) where !names.insert(name).inserted {
            throw ValidationError(
                "two configurations are called `\(name)`; name them as lb1=a.conf lb2=b.conf")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        guard sarif else { return try await look(console) }
        do {
            return try await look(console)
        } catch {
            answer(SARIF(failure: error), console)
            throw error
        }
    }

    private func look(_ console: Console) async throws -> HaopsExit {
        var unreachable: [HostID] = []
        /// The nodes by the groups that are compared.
        var groups: [[LintNode]]
        var rendered: RenderedFindings?
        if fleetOptions.nodes != nil {
            let outcome = try await liveNodes(console)
            (groups, unreachable) = ([outcome.nodes], outcome.silent)
            // When no node answered there is nothing to report as clear.
            if outcome.nodes.isEmpty, output.output.isForPeople, !sarif { return .unreachable }
        } else if files.isEmpty, haproxy == nil {
            let selected = try fleetOptions.selected(console)
            groups = try await renderedNodes(selected, console)
            rendered = RenderedFindings(of: selected.fleet)
        } else {
            groups = try namedNodes()
        }
        var report = Linter().run(groups)
        if !files.isEmpty { report.foldNodes() }
        if let rendered { report.findings = report.findings.map(rendered.remedied) }
        let count = files.isEmpty ? groups.joined().count : files.count
        var fixer = LintFixer(groups.flatMap(\.self))
        // Only what was read here can be written here.
        let isLocal = fleetOptions.nodes == nil && rendered == nil
        var fixes = fix || sarif && isLocal ? fixer.fixes(for: report.findings) : []
        if fix {
            let fixing = LintFixing(
                consent: consent, console: console, isForPeople: output.output.isForPeople && !sarif)
            if try await fixing.write(fixes, read: Self.sources(of: groups)) {
                groups = try namedNodes()
                report = Linter().run(groups)
                report.foldNodes()
                fixes = []
            }
        }
        if sarif {
            if let rendered {
                report.findings = report.findings.map(rendered.located)
                report.foldNodes()
            }
            answer(
                SARIF(report.findings, fixes, Self.sources(of: groups), silent: unreachable), console)
        } else {
            FindingsReport(
                command: "lint", findings: report.findings, suppressed: report.suppressed,
                allClear:
                    "no problems in \(count) configuration\(count == 1 ? "" : "s")",
                unreachable: unreachable
            ).report(style: console.out).print(output.output, on: console)
        }
        let gravest = report.findings.map(\.severity).max()
        if gravest == .error || strict && gravest == .warning { return .badState }
        return unreachable.isEmpty ? .done : .unreachable
    }

    private func answer(_ sarif: SARIF, _ console: Console) {
        console.answer(OutputEncoder(names: .verbatim).encode(sarif).json + "\n")
    }

    private static func sources(of groups: [[LintNode]]) -> [String: [UInt8]] {
        Dictionary(groups.joined().flatMap { Array($0.sources) }.map { ($0.key, $0.value) }) { first, _ in
            first
        }
    }

    private var wantedVersion: KeepalivedVersion? { release.flatMap { KeepalivedVersion($0) } }
    private var version: KeepalivedVersion { wantedVersion ?? .assumed }

    private func liveNodes(_ console: Console) async throws -> LintSurvey.Outcome {
        let nodes = try fleetOptions.selected(console).nodes.map { connection.applied(to: $0) }
        let survey = LintSurvey(nodes: nodes, version: wantedVersion, haproxyVersion: wantedHAProxy)
        return try await withTransport(asksOnce: true) { transport in
            try await survey.take(in: SurveyContext(transport, connection, console))
        }
    }

    /// The name and path of an argument `name=file`; a path alone is its own name, also one with `=` in it.
    private static func named(_ argument: String) -> (name: String, path: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains("/"),
            !FileManager.default.fileExists(atPath: argument)
        else { return (argument, argument) }
        return (parts[0], parts[1])
    }

    /// The files named on the command line, with everything that they include, by the groups that are compared.
    private func namedNodes() throws -> [[LintNode]] {
        let haproxy = try haproxy.map { try proxy($0, Self.contents(of: $0)) }
        var peers: [LintNode] = []
        var others: [[LintNode]] = []
        var proxies: [LintNode] = []
        for (argument, (name, path)) in zip(files, files.map(Self.named)) {
            // A missing include is a lint finding; a missing argument is an error.
            let contents = try Self.contents(of: path)
            if HAProxyFile.isLikely(contents) {
                let node = Self.node(name, haproxy: proxy(path, contents))
                // Only files with the names of nodes are those of a pair.
                if argument == path { others.append([node]) } else { proxies.append(node) }
                continue
            }
            let files = LocalConfigurationFiles(read: [path: contents])
            var node = node(name, path, files, configID: name, haproxy)
            let isNamed = argument != path
            let ids = isNamed ? [] : node.configIDs
            guard !ids.isEmpty else {
                peers.append(node)
                continue
            }
            // Read once for each node that the file names, because each reads other lines.
            for id in ids {
                node = self.node(name, path, files, configID: id, haproxy)
                node.assumesConfigID = true
                others.append([node])
            }
        }
        if self.files.isEmpty, let haproxy { others.append([Self.node(haproxy.path, haproxy: haproxy)]) }
        return [peers, proxies].filter { !$0.isEmpty } + others
    }

    private var wantedHAProxy: HAProxyVersion? { haproxyVersion.flatMap { HAProxyVersion($0) } }

    private func proxy(_ path: String, _ contents: [UInt8]) -> HAProxyConfiguration {
        HAProxyConfiguration(path: path, bytes: contents, version: wantedHAProxy)
    }

    private func node(
        _ name: String, _ path: String, _ files: LocalConfigurationFiles, configID: String,
        _ haproxy: HAProxyConfiguration?
    ) -> LintNode {
        let reader = ConfigurationReader(
            files: files, configID: configID, version: version,
            workingDirectory: FileManager.default.currentDirectoryPath)
        let configuration = reader.read(path: path)
        let sources = configuration.files.compactMap { file in
            files.file(at: file).map { (file, $0.bytes) }
        }
        var node = LintNode(
            name: name, configuration: configuration, sources: Dictionary(sources) { first, _ in first },
            haproxy: haproxy)
        node.assumesVersion = wantedVersion == nil
        return node
    }

    /// A node of which only haproxy.cfg is known.
    private static func node(_ name: String, haproxy: HAProxyConfiguration) -> LintNode {
        let nothing = ConfigurationReader(path: "", bytes: []).read(path: "")
        return LintNode(name: name, configuration: nothing, haproxy: haproxy)
    }

    private static func contents(of path: String) throws -> [UInt8] {
        do throws(LocalFileError) {
            return try LocalFile(path: path, limit: 64 << 20).bytes
        } catch {
            throw Failure(.usage, "cannot read `\(path)`: \(error.reason)")
        }
    }

    /// The inventory's nodes, by cluster, with the files that would be rendered for them.
    private func renderedNodes(
        _ selected: FleetOptions.Selected, _ console: Console
    ) async throws -> [[LintNode]] {
        let names = Set(selected.nodes.map(\.id))
        return try await RenderedFleet.make(selected.fleet, console: console).clusters.map { cluster in
            cluster.nodes.filter { names.contains($0.node.id) }.map { node in
                var result = node.lintNode(version: version)
                result.assumesVersion = wantedVersion == nil
                result.haproxy = result.haproxy?.read(for: wantedHAProxy)
                return result
            }
        }
    }
}

/// Reads included configurations from the operator's local files.
private struct LocalConfigurationFiles: ConfigurationFiles {
    /// Contents by path, kept because a pipe can be read only once.
    var read: [String: [UInt8]]

    func file(at path: String) -> ConfigurationFile? {
        guard let bytes = read[path] ?? FileManager.default.contents(atPath: path).map(Array.init) else {
            return nil
        }
        return ConfigurationFile(
            bytes, isExecutable: FileManager.default.isExecutableFile(atPath: path))
    }

    func names(in directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? "." : directory)) ?? []
    }
}
