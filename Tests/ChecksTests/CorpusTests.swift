import FoundationEssentials
import Keepalived
import Testing

@testable import Checks

@Suite struct CorpusTests {
    @Test func `lint finds in every case what is recorded for it`() throws {
        let recorded = try Corpus.recorded()
        let facts = try Corpus.facts()
        let cases = try Corpus.cases()
        #expect(cases.count >= 150)
        for item in cases {
            let found = Set(Corpus.findings(of: item.text, facts: facts).map(\.id)).subtracting(Corpus.advice)
            #expect(found.sorted() == recorded[item.name]?.findings ?? ["not recorded"], "\(item.name)")
        }
    }

    @Test func `where lint and the config test differ there is a reason`() throws {
        for (name, item) in try Corpus.recorded() {
            let agree = item.findings.isEmpty == (item.verdict == "clean")
            #expect(agree == item.reason.isEmpty, "\(name): \(item)")
        }
    }

    @Test func `no fatal case is less than an error for lint`() throws {
        let facts = try Corpus.facts()
        let recorded = try Corpus.recorded()
        for item in try Corpus.cases() where recorded[item.name]?.verdict == "fatal" {
            let worst = Corpus.findings(of: item.text, facts: facts).map(\.severity).max()
            #expect(worst == .error, "\(item.name)")
        }
    }

    @Test func `a healthy case gives no finding at all but advice`() throws {
        for (name, item) in try Corpus.recorded() where name.hasPrefix("ok-") {
            #expect(item.findings.isEmpty, "\(name)")
        }
    }

    @Test(.enabled(if: Corpus.answers != nil || Corpus.mustBeThere, "needs root and a keepalived 2.2.7"))
    func `keepalived still says what is recorded`() throws {
        let recorded = try Corpus.recorded()
        for (name, answer) in try #require(Corpus.answers) {
            let result = ConfigTestResult(output: answer.output, status: answer.status, version: .assumed)
            #expect(result.verdict.word == recorded[name]?.verdict, "\(name)")
        }
    }
}
