import FoundationEssentials

/// The project's own text, as it lies beside these tests.
enum Project {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: root + "/" + path, encoding: .utf8)
    }

    /// Every Swift file below a folder, as paths from the root.
    static func swiftFiles(below folder: String) throws -> [String] {
        try files(below: folder, ending: ".swift")
    }

    /// Every file below a folder whose name ends so, as paths from the root.
    static func files(below folder: String, ending suffix: String) throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: root + "/" + folder)
        return names.filter { $0.hasSuffix(suffix) }.sorted().map { folder + "/" + $0 }
    }

    /// The targets below `Sources`.
    static func targets() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + "/Sources").sorted()
    }

    /// The modules that each target of the program depends on, by Package.swift.
    static func dependencies() throws -> [String: Set<String>] {
        let row =
            #/[tT]arget\(\s*(?:name: )?"(\w+)"(?:,\s*(?:dependencies: )?\[([^\]]*)\])?|systemLibrary\(name: "(\w+)"/#
        var rows: [String: Set<String>] = [:]
        for match in try text("Package.swift").matches(of: row) {
            guard let name = match.output.1 ?? match.output.3 else { continue }
            let names = (match.output.2 ?? "").split(whereSeparator: { !$0.isLetter && !$0.isNumber })
            // Products of packages have names of their own there, which begin with a small letter.
            rows[String(name)] = Set(names.map { $0.prefix(1).uppercased() + $0.dropFirst() })
        }
        return rows
    }

    /// The modules that a file imports.
    static func imports(of path: String) throws -> Set<String> {
        var modules: Set<String> = []
        for line in try text(path).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard let keyword = words.firstIndex(of: "import"), keyword <= 2,
                words[..<keyword].allSatisfy({ importPrefixes.contains($0) || $0.hasPrefix("@") })
            else { continue }
            // `import struct Module.Name` and `import Module.Sub` both name the module first.
            let name = words.dropFirst(keyword + 1).first { !importKinds.contains($0) } ?? ""
            modules.insert(name.split(separator: ".").first.map(String.init) ?? name)
        }
        return modules
    }

    private static let importPrefixes: Set<String> = [
        "internal", "package", "private", "fileprivate", "public",
    ]
    private static let importKinds: Set<String> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]
}
