import FoundationEssentials
import Testing

/// The pages of the project agree with its code, and with each other.
struct DocumentTests {
    /// `case done = 0` and `case .done: "…"` of the exit codes' only table.
    private func exitCodes() throws -> [(code: String, meaning: String)] {
        let lines = try Project.text("Sources/HaopsCommands/ExitCodes.swift").split(separator: "\n")
            .map { $0.trimmingPrefix(while: \.isWhitespace) }
        var meanings: [Substring: String] = [:]
        for line in lines where line.hasPrefix("case .") {
            let parts = line.dropFirst(6).split(separator: ":", maxSplits: 1)
            meanings[parts[0]] = parts[1].split(separator: "\"").dropFirst().first.map(String.init)
        }
        return try lines.filter { $0.hasPrefix("case ") && $0.contains(" = ") }.map { line in
            let words = line.split(separator: " ")
            return (String(words[3]), try #require(meanings[words[1]]))
        }
    }

    @Test func `the README's exit codes are the program's`() throws {
        let readme = try Project.text("README.md")
        let codes = try exitCodes()
        #expect(codes.count == 9)
        for (code, meaning) in codes {
            #expect(readme.contains("| \(code) | \(meaning) |"), "exit code \(code)")
        }
    }

    /// The verbs that the command line's root names.
    private func verbs() throws -> Set<String> {
        let root = try Project.text("Sources/HaopsCommands/Haops.swift")
        var found: Set<String> = []
        for part in root.split(whereSeparator: { !$0.isLetter && $0 != "." }) where part.hasSuffix(".self") {
            let type = part.dropLast(5)
            let command = try Project.text("Sources/HaopsCommands/Commands/\(type).swift")
            // A verb has its type's name, unless it says another one.
            let own = command.firstMatch(of: #/commandName: "([a-z]+)"/#).map { String($0.output.1) }
            found.insert(own ?? type.lowercased())
        }
        return found
    }

    @Test func `every verb in the README exists, and every verb is in the README`() throws {
        let readme = try Project.text("README.md")
        // | `verb …` | what it does | writes? |
        let rows = readme.split(separator: "\n").filter { $0.hasPrefix("| `haops ") }
        let named = rows.map { row in
            String(row.dropFirst("| `haops ".count).prefix { $0.isLetter || $0 == "-" })
        }
        #expect(Set(named).count == named.count)
        let verbs = try verbs()
        #expect(Set(named) == verbs)
    }

    @Test func `every name that a template may use is in docs/Templates.md`() throws {
        let page = try Project.text("docs/Templates.md")
        let source = try Project.text("Sources/Rendering/NodeContext.swift")
        let names = source.matches(of: #/"([a-z_]+)": /#).map(\.output.1)
        #expect(names.count > 60)
        for name in Set(names).sorted() { #expect(page.contains("`\(name)`"), "\(name)") }
    }

    @Test func `every haops command that a page shows is a verb`() throws {
        let verbs = try verbs()
        for page in ["README.md", "docs/Architecture.md", "CONTRIBUTING.md", "lab/README.md", "lab/demo"] {
            for line in try Project.text(page).split(separator: "\n") {
                for start in ["    haops ", "    $ haops ", "$ haops ", "lab/haops "] {
                    guard let range = line.firstRange(of: start) else { continue }
                    let verb = line[range.upperBound...].prefix { $0.isLetter || $0 == "-" }
                    guard !verb.isEmpty, !verb.hasPrefix("-"), verb != "is" else { continue }
                    #expect(verbs.contains(String(verb)), "\(page): \(line)")
                }
            }
        }
    }

    private func pages() throws -> [String] {
        try ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "lab/README.md"]
            + Project.files(below: "docs", ending: ".md")
    }

    /// What a page links to in the project, as paths from the root.
    private func links(of page: String) throws -> [String] {
        let folder = page.split(separator: "/").dropLast()
        return try Project.text(page).split(separator: "](").dropFirst().compactMap { piece in
            let link = piece.prefix { $0 != ")" && $0 != "#" }
            guard !link.isEmpty, !link.contains("://") else { return nil }
            var path = folder
            for part in link.split(separator: "/") {
                if part == ".." { path = path.dropLast() } else { path.append(part) }
            }
            return path.joined(separator: "/")
        }
    }

    @Test func `a link between pages leads somewhere`() throws {
        let pages = try pages()
        #expect(pages.count > 20)
        for page in pages {
            for link in try links(of: page) {
                let exists = FileManager.default.fileExists(atPath: Project.root + "/" + link)
                #expect(exists, "\(page) links to \(link)")
            }
        }
    }

    @Test func `every page is linked from another one, and those of docs from the README`() throws {
        let linked = try Dictionary(uniqueKeysWithValues: pages().map { ($0, Set(try links(of: $0))) })
        for page in try pages() where page != "README.md" {
            let isTold = linked.contains { $0.key != page && $0.value.contains(page) }
            #expect(isTold, "\(page) is linked from nowhere")
            guard page.hasPrefix("docs/"), !page.hasPrefix("docs/Decisions/") else { continue }
            #expect(linked["README.md"]?.contains(page) == true, "the README does not name \(page)")
        }
    }

    @Test func `the architecture names every target`() throws {
        let page = try Project.text("docs/Architecture.md")
        for target in try Project.targets() {
            #expect(page.contains("**\(target)**"), "\(target) has no paragraph")
        }
    }

    @Test func `the README stays short`() throws {
        #expect(
            try Project.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count
                <= 200)
    }
}
