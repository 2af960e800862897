import Remote

/// Reads an inventory.
///
/// `file` is the name that messages show; relative paths in the inventory start at `directory`. Besides `yaml`
/// only the shipped local files are read; ``ResolvedSecrets`` fetches secrets later.
///
/// Throws an ``InventoryError`` with all problems, not only the first one.
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
        // When invalid parts were left out, nothing can be concluded from what is missing.
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

/// Builds the fleet from a YAML tree, and collects the problems.
///
/// Invalid parts are left out of the fleet, so that one mistake is not reported twice.
struct InventoryReader {
    let file: String
    let directory: String
    var diagnostics: [Diagnostic] = []
    var locations: [InventoryPlace: SourceLocation] = [:]

    /// The source of each secret by name; `nil` for an invalid one.
    var secrets: [String: SecretSource?] = [:]
    var declaredSecrets: [(name: String, mark: Mark)] = []
    var usedSecrets: Set<String> = []
    /// The secrets named in raw lines of the current cluster.
    var textSecrets: [String: SecretValue] = [:]
    /// The first place of each machine's name.
    var hosts: [HostID: Mark] = [:]
    /// The names among them that belong to observers.
    var observers: Set<HostID> = []
    /// The contents of local files by path, because several nodes may get the same file.
    var sources: [String: Result<[UInt8], LocalFileError>] = [:]
    /// The sections of `defaults`.
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

    /// Records the place of a part of the inventory.
    mutating func put(_ place: InventoryPlace, at mark: Mark) {
        locations[place] = location(mark)
    }

    func location(_ mark: Mark) -> SourceLocation {
        SourceLocation(
            file: file, line: Int(mark.line), column: Int(mark.column), length: Int(mark.length))
    }

    /// The diagnostics in the order of the file, without duplicates: shared sections are read once per cluster.
    var sortedDiagnostics: [Diagnostic] {
        var seen: Set<Diagnostic> = []
        let unique = diagnostics.filter { seen.insert($0).inserted }
        return unique.enumerated().sorted { left, right in
            let (a, b) = (left.element.location, right.element.location)
            return (a.line, a.column, left.offset) < (b.line, b.column, right.offset)
        }.map(\.element)
    }

    // MARK: - Top level

    static let rootKeys = InventoryShape.root.keyNames
    static let defaultsKeys = InventoryShape.defaults.keyNames
    /// Keys of the top level and of clusters that `defaults` does not have.
    private static let topKeys = rootKeys.filter(clusterKeys.contains)

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
                entry, of: "`defaults`", keys: Self.defaultsKeys,
                misplaced: Dictionary(
                    uniqueKeysWithValues: Self.topKeys.map {
                        ($0, "write `\($0)` at the top of the inventory")
                    }),
                example: "defaults: { packages: [keepalived, haproxy] }")
        else { return }
        for key in Self.defaultsKeys {
            if let entry = fields[key] { defaults[key] = entry }
        }
    }
}
