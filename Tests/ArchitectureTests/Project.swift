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
