import Testing

/// What a reader can rely on before having read anything.
struct ShapeTests {
    /// A file that is read in one sitting. Tables of data may be longer: they are looked up, not read.
    static let limit = 470
    static let tables: Set<String> = ["Sources/Keepalived/Reading/GrammarTable.swift"]

    @Test func `no source file is too long to be read`() throws {
        for file in try Project.swiftFiles(below: "Sources") where !Self.tables.contains(file) {
            let lines = try Project.text(file).count { $0 == "\n" }
            #expect(lines <= Self.limit, "\(file) has \(lines) lines")
        }
    }

    @Test func `no file is named for being nothing in particular`() throws {
        for file in try Project.swiftFiles(below: "Sources") + Project.swiftFiles(below: "Tests") {
            for name in ["Utils", "Helpers", "Misc", "Common", "Manager"] {
                #expect(!file.contains(name), "\(file)")
            }
        }
    }

    @Test func `nothing is put off in the sources`() throws {
        for file in try Project.swiftFiles(below: "Sources") {
            let text = try Project.text(file)
            for mark in ["TODO", "FIXME", "try!", "fatalError(\"not"] {
                #expect(!text.contains(mark), "\(file) has \(mark)")
            }
        }
    }

    @Test func `nothing is public, as nobody outside may build on it`() throws {
        for file in try Project.swiftFiles(below: "Sources") {
            for line in try Project.text(file).split(separator: "\n") {
                let isPublic = line.trimmingPrefix(while: \.isWhitespace).hasPrefix("public ")
                #expect(!isPublic, "\(file): \(line)")
            }
        }
    }

    @Test func `the program itself is wiring only`() throws {
        let lines = try Project.text("Sources/haops/main.swift").split(separator: "\n")
        #expect(lines.count <= 20)
    }
}
