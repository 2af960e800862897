import Remote

/// Reads an inventory, whole and at once.
///
/// `file` is the name that messages show; relative paths in the inventory start at `directory`. Reads nothing
/// but `yaml` and the local files that it ships: secrets are fetched later, by ``ResolvedSecrets``.
///
/// Throws an ``InventoryError`` with everything that is wrong, never only the first thing.
package func readFleet(yaml: [UInt8], file: String, directory: String) throws(InventoryError) -> Fleet {
    let document = readYAML(yaml)
    let text = SourceText(yaml, hiding: secretMarks(in: document, text: yaml))
    var reader = InventoryReader(file: file, directory: directory)
    let signed = signedMarks(in: yaml)
    for problem in document.problems.map({ $0.hiding(signed) }) {
        reader.error(problem.mark, problem.message, remedy: problem.remedy)
    }
    var fleet = Fleet(source: file, clusters: [], text: text)
    if let root = document.root {
        fleet.clusters = reader.readRoot(root)
        fleet.locations = reader.locations
        // Of a fleet with parts left out, what is missing says nothing.
        let isWhole = !reader.diagnostics.contains { $0.severity == .error }
        reader.diagnostics += problems(in: fleet).filter { isWhole || $0.severity == .error }
        if isWhole { reader.warnOfUnusedSecrets() }
    } else if document.problems.isEmpty {
        reader.error(
            Mark(line: 1, column: 1, length: 1), "the inventory is empty",
            remedy: "`haops init` writes one to start from")
    }
    let diagnostics = reader.sortedDiagnostics
    guard diagnostics.allSatisfy({ $0.severity == .warning }) else {
        throw InventoryError(diagnostics: diagnostics, text: text)
    }
    fleet.warnings = diagnostics
    return fleet
}

/// Makes the model of a tree, and collects what is wrong on the way.
///
/// A thing with something wrong in it is left out of the model, so that one mistake is not reported twice.
struct InventoryReader {
    let file: String
    let directory: String
    var diagnostics: [Diagnostic] = []
    var locations: [InventoryPlace: SourceLocation] = [:]

    /// By name, where each secret comes from; `nil` for one that could not be read.
    var secrets: [String: SecretSource?] = [:]
    var declaredSecrets: [(name: String, mark: Mark)] = []
    var usedSecrets: Set<String> = []
    /// Named in raw lines of the cluster that is being read.
    var textSecrets: [String: SecretValue] = [:]
    /// Where each name of a machine was first written.
    var hosts: [HostID: Mark] = [:]
    /// The names among them that belong to observers.
    var observers: Set<HostID> = []
    /// What local files hold, by path: several nodes may get the same one.
    var sources: [String: Result<[UInt8], LocalFileError>] = [:]
    /// Sections that clusters fall back on.
    var defaults: [String: YAMLEntry] = [:]

    init(file: String, directory: String) {
        self.file = file
        self.directory = directory
    }

    // MARK: - Reporting

    mutating func error(_ mark: Mark, _ message: String, remedy: String? = nil) {
        diagnostics.append(Diagnostic(.error, at: location(mark), message, remedy: remedy))
    }

    mutating func warning(_ mark: Mark, _ message: String, remedy: String? = nil) {
        diagnostics.append(Diagnostic(.warning, at: location(mark), message, remedy: remedy))
    }

    /// Remembers where a thing was written.
    mutating func put(_ place: InventoryPlace, at mark: Mark) {
        locations[place] = location(mark)
    }

    func location(_ mark: Mark) -> SourceLocation {
        SourceLocation(
            file: file, line: Int(mark.line), column: Int(mark.column), length: Int(mark.length))
    }

    /// In the order of the file, each once: sections shared by several clusters are read several times.
    var sortedDiagnostics: [Diagnostic] {
        var seen: Set<Diagnostic> = []
        let unique = diagnostics.filter { seen.insert($0).inserted }
        return unique.enumerated().sorted { left, right in
            let (a, b) = (left.element.location, right.element.location)
            return (a.line, a.column, left.offset) < (b.line, b.column, right.offset)
        }.map(\.element)
    }

    // MARK: - Top level

    static let rootKeys = ["haops", "ssh", "secrets", "defaults", "files", "templates", "clusters"]
    static let sharedKeys = [
        "ssh", "keepalived", "haproxy", "sysctl", "firewall", "packages", "files", "templates",
    ]
    /// What stands at the top of the inventory and in clusters, and not among `defaults`.
    private static let topKeys = ["ssh", "files", "templates"]

    mutating func readRoot(_ root: YAMLNode) -> [Cluster] {
        let start = Mark(line: 1, column: 1, length: 1)
        let entry = YAMLEntry(key: "", keyMark: start, value: root)
        guard let fields = fields(entry, of: "the inventory", keys: Self.rootKeys, example: "haops: 1")
        else { return [] }
        readFormat(fields)
        readSecrets(fields["secrets"])
        readDefaults(fields)
        guard let clustersEntry = fields["clusters"] else {
            missing(
                "clusters", in: fields, of: "the inventory",
                remedy: "`haops init` writes an inventory to start from")
            return []
        }
        guard
            let entries = named(
                clustersEntry, what: "cluster", example: "clusters: { web: { nodes: { lb1: {} } } }")
        else { return [] }
        let ssh = readSSH(fields["ssh"], over: SSHSettings())
        let templates = path(fields["templates"])
        let files = readFiles(fields["files"], isNear: false)
        return entries.compactMap { readCluster($0, ssh: ssh, templates: templates, files: files) }
    }

    mutating func warnOfUnusedSecrets() {
        for (name, mark) in declaredSecrets where !usedSecrets.contains(name) {
            warning(
                mark, "the secret `\(name.visible)` is used nowhere",
                remedy: "write `auth_pass: { secret: \(name.visible) }`, or remove it")
        }
    }

    private mutating func readFormat(_ fields: Fields) {
        guard let entry = fields["haops"] else {
            guard !fields.suspected.contains("haops") else { return }
            error(
                Mark(line: 1, column: 1, length: 1), "the inventory does not say its format",
                remedy: "begin it with the line `haops: 1`")
            return
        }
        guard let version = integer(entry, in: 1...Int.max, example: "1") else { return }
        if version != 1 {
            error(
                entry.value.mark, "this haops reads inventories of format 1, not \(version)",
                remedy: "use a newer haops, or write `haops: 1`")
        }
    }

    private mutating func readDefaults(_ root: Fields) {
        guard let entry = root["defaults"],
            let fields = fields(
                entry, of: "`defaults`", keys: Self.sharedKeys.filter { !Self.topKeys.contains($0) },
                misplaced: Dictionary(
                    uniqueKeysWithValues: Self.topKeys.map {
                        ($0, "write `\($0)` at the top of the inventory")
                    }),
                example: "defaults: { packages: [keepalived, haproxy] }")
        else { return }
        for key in Self.sharedKeys {
            if let entry = fields[key] { defaults[key] = entry }
        }
    }
}
