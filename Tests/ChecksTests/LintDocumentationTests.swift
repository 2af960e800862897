import FoundationEssentials
import Testing

@testable import Checks

@Suite struct LintDocumentationTests {
    private let root = Corpus.folder.split(separator: "/").dropLast(2).joined(separator: "/")

    @Test func `docs Checks md is what the rules say`() throws {
        let generated = try #require(Corpus.shell("'/\(root)/scripts/generate-checks-doc'"))
        let written = String(
            decoding: try Data(contentsOf: URL(filePath: "/\(root)/docs/Checks.md")), as: UTF8.self)
        #expect(generated == written, "run `make docs`")
    }

    @Test func `every rule is documented once, with its condition, its reason and its remedy`() throws {
        let written = String(
            decoding: try Data(contentsOf: URL(filePath: "/\(root)/docs/Checks.md")), as: UTF8.self)
        let ids = written.split(separator: "\n").filter { $0.hasPrefix("### `") }.map {
            $0.dropFirst(5).dropLast()
        }
        #expect(ids.map(String.init).sorted() == Linter.ids)
        #expect(Set(Linter.ids).count == Linter.ids.count)
        for part in ["- Condition: ", "- Why: ", "- Remedy: "] {
            #expect(written.split(separator: "\n").filter { $0.hasPrefix(part) }.count == ids.count)
        }
    }
}
