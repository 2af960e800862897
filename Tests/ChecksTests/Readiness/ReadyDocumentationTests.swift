import FoundationEssentials
import HaopsTestSupport
import Testing

@testable import Checks

/// docs/Ready.md is about the failures and findings that exist.
@Suite struct ReadyDocumentationTests {
    private let page: String

    init() throws {
        page = try String(contentsOfFile: LabFixture.project + "/docs/Ready.md", encoding: .utf8)
    }

    @Test func `the table of failures is that of the code`() {
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") && !$0.hasPrefix("| `ready-") }
        #expect(rows.map(String.init) == FailureCase.allCases.map { "| `\($0.rawValue)` | \($0.meaning) |" })
    }

    @Test func `every finding is in the page`() {
        let bad = ReadinessRow.Verdict.allCases.filter { $0 != .fine }.map { "ready-\($0.rawValue)" }
        let others = [ReadinessFindings.notNow, "ready-serves-differently"]
        let named = Set(page.matches(of: /\| `(ready-[a-z-]+)` \|/).map { String($0.output.1) })
        #expect(named == Set(bad + others))
    }
}
