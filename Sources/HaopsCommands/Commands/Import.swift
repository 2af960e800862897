import ArgumentParser
import Facts
import Glibc
import Import
import Inventory
import Keepalived
import Remote
import Survey

struct Import: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read live nodes, or copies of their files, and print an inventory that means the same.",
        discussion: """
            One round trip per node; nothing is changed. Nodes that cannot be reached are named with a folder: \
            lb1=DIR lb2=DIR, each a copy of the node's / or of its /etc/keepalived. The inventory is rendered and compared with what the nodes \
            have before it is printed. What cannot be expressed is named with its file and line, and then nothing is \
            printed unless you ask for a --draft. Secrets are never printed: the inventory names environment \
            variables for them.

            Exit: 0 the inventory means the same on every node, 3 refused, 4 a node did not answer.
            """)

    @Argument(
        help: ArgumentHelp(
            "Files of nodes that are not asked: a folder, or keepalived.conf.", valueName: "name=folder"),
        completion: .directory)
    var folders: [String] = []

    @Option(
        help: ArgumentHelp(
            "The nodes of one cluster: `root@198.51.100.11,198.51.100.12:2222`.", valueName: "node,…"))
    var nodes: String?

    @Option(
        name: .customLong("version"),
        help: ArgumentHelp(
            "The keepalived release of nodes that are read from folders.", valueName: "version"))
    var release: String?

    @Flag(help: "Add nothing of haops' own: the first plan is empty.")
    var minimal = false

    @Option(help: ArgumentHelp("What the inventory calls the cluster.", valueName: "name"))
    var name = "main"

    @Option(
        help: ArgumentHelp(
            "Write the secrets there, 0600, as a file for the shell to read.", valueName: "file"),
        completion: .file())
    var secretsFile: String?

    @Flag(help: "Print the inventory also when it does not mean the same.")
    var draft = false

    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (nodes == nil) != folders.isEmpty else {
            throw ValidationError("name the nodes with --nodes, or their files as lb1=FOLDER lb2=FOLDER")
        }
        if let release {
            guard KeepalivedVersion(release) != nil else {
                throw ValidationError("`\(release)` is not a release of keepalived; write it like 2.2.7")
            }
            guard nodes == nil else {
                throw ValidationError("--version goes with folders: nodes say their release themselves")
            }
        }
        guard [.table, .json].contains(output.output) else {
            throw ValidationError("import prints an inventory, or with `-o json` a document that holds it")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        guard let nodes else { return try readFolders(console) }
        let fleet: Fleet
        do {
            fleet = try Fleet.adHoc(nodes: [nodes])
        } catch {
            throw Failure(.usage, error.description, hint: error.hint)
        }
        let targets = fleet.clusters.flatMap(\.nodes).map { connection.applied(to: $0.target) }
        let answers = try await withTransport(asksOnce: true) { transport in
            try await SurveyContext(transport, connection, console).question(targets, "reading") {
                await transport.facts(of: $0, Probe(.import))
            }
        }
        var surveyed: [SurveyedNode] = []
        var isComplete = true
        // The inventory repeats what the command line said of the nodes, but not what `-F` or `-J` added.
        for target in fleet.clusters.flatMap(\.nodes).map(\.target) {
            switch answers[target.id] {
            case .success(let facts)?:
                // An unreadable configuration must not be taken for a missing one.
                do {
                    _ = try facts.value(of: ConfigurationFilesFact.self)
                    _ = try facts.value(of: SysctlFact.self)
                    surveyed.append(SurveyedNode(target: target, facts: facts))
                } catch {
                    console.error("`\(target.id)`: cannot read everything that import needs: \(error)")
                    isComplete = false
                }
            // The end of the question has named it.
            case .failure?, nil: isComplete = false
            }
        }
        guard isComplete else {
            console.error("nothing is imported: every node of the cluster must answer")
            return .unreachable
        }
        return try report(importCluster(surveyed, named: name, isMinimal: minimal), console)
    }

    private func readFolders(_ console: Console) throws -> HaopsExit {
        let folders = try folders.map { try NodeFolder($0) }
        if let twice = folders.map(\.name).firstRepeated {
            throw Failure(.usage, "two folders are of `\(twice)`")
        }
        let version = release.flatMap { KeepalivedVersion($0) } ?? .assumed
        let nodes = try folders.map { folder in
            SurveyedNode(
                target: SSHTarget(id: HostID(folder.name), host: folder.name),
                facts: try folder.facts(version: version))
        }
        console.warning(
            "files do not say how \(NodeRange.folded(folders.map(\.name))) are reached: their names stand in the inventory for it",
            hint: "correct each `address:`, and with unicast `vrrp_address:`")
        if release == nil {
            console.note("read as keepalived \(version) reads the files; --version names another release")
        }
        return try report(importCluster(nodes, named: name, isMinimal: minimal), console)
    }

    private func report(_ imported: ImportedCluster, _ console: Console) throws -> HaopsExit {
        for remark in imported.refusals { console.error("\(remark)", hint: remark.hint) }
        for line in imported.kept { console.note("kept in \(line.key): \(line.shown)".safeForTerminal) }
        for remark in imported.dropped { console.warning("dropped: \(remark)") }
        for remark in imported.notes { console.warning("\(remark)", hint: remark.hint) }
        let isPrinted = imported.isFaithful || draft
        if isPrinted {
            for remark in imported.additions { console.note("apply would add: \(remark)".safeForTerminal) }
            if let secretsFile, !imported.secrets.isEmpty {
                try write(imported.secrets, to: secretsFile)
                console.note(
                    "wrote the secrets to \(secretsFile); before haops reads the inventory: . \(secretsFile.shellQuoted)"
                )
            } else {
                for secret in imported.secrets {
                    console.note(
                        "provide the secret `\(secret.name)`: export \(secret.variable)=… (its value stands in \(secret.places.first.map { "\($0)" } ?? "the nodes' files"))"
                    )
                }
            }
        } else {
            console.error(
                "the nodes cannot be expressed as an inventory: \(imported.refusals.count) reason\(imported.refusals.count == 1 ? "" : "s")",
                hint: "correct the lines named above on the nodes, or use --draft")
        }
        if output.output.isDocument {
            Report(command: "import", ImportDocument(imported, isPrinted: isPrinted), text: "")
                .print(output.output, on: console)
        } else if isPrinted {
            console.answer(imported.inventory.safeForTerminal)
        }
        return imported.isFaithful ? .done : .refused
    }

    /// A new file only: what stands there already may be somebody's only copy of other secrets.
    private func write(_ secrets: [ImportedSecret], to path: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let cause = LocalFileError(errno).reason
            throw Failure(
                .refused, "cannot write `\(path)`: \(cause)", hint: "name a file that is not there yet")
        }
        defer { close(descriptor) }
        let text = secrets.map { "export \($0.variable)=\($0.value.revealed.shellQuoted)\n" }.joined()
        let bytes = Array(text.utf8)
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw Failure(.failed, "cannot write all of `\(path)`") }
    }
}

extension [String] {
    /// The first element that the array has before already.
    fileprivate var firstRepeated: String? {
        var seen: Set<String> = []
        return first { !seen.insert($0).inserted }
    }
}

extension KeptLine {
    fileprivate var shown: String { "\(places.map(\.description).joined(separator: ", ")): \(text)" }
}
