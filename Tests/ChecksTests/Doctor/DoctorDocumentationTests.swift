import FoundationEssentials
import Testing

@testable import Checks

@Suite struct DoctorDocumentationTests {
    private let root = "/" + Corpus.folder.split(separator: "/").dropLast(2).joined(separator: "/")

    private var written: String {
        get throws {
            String(decoding: try Data(contentsOf: URL(filePath: root + "/docs/Doctor.md")), as: UTF8.self)
        }
    }

    @Test func `docs Doctor md is what the causes say`() throws {
        let generated = try #require(Corpus.shell("'\(root)/scripts/generate-doctor-doc'"))
        #expect(try generated == written, "run `make docs`")
    }

    @Test func `every cause is documented once, with its condition, its reason and its remedy`() throws {
        let lines = try written.split(separator: "\n")
        let ids = lines.filter { $0.hasPrefix("### `") }.map { String($0.dropFirst(5).dropLast()) }
        #expect(ids == RootCauses.identifiers.map(\.rawValue))
        #expect(Set(ids).count == ids.count)
        for part in ["- Condition: ", "- Why: ", "- Remedy: "] {
            #expect(lines.filter { $0.hasPrefix(part) }.count == ids.count)
        }
    }
}
