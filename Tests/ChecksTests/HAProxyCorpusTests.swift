import HAProxy
import HaopsTestSupport
import Testing

@testable import Checks

@Suite struct HAProxyCorpusTests {
    @Test func `lint finds in every case of haproxy what is recorded for it`() throws {
        let recorded = try HAProxyCorpus.recorded()
        let cases = try HAProxyCorpus.cases()
        #expect(cases.count >= 150)
        for item in cases {
            let found = HAProxyCorpus.findings(of: item.text).filter { $0.severity > .info }.map(\.id)
            #expect(
                Set(found).sorted() == recorded[item.name]?.findings ?? ["not recorded"], "\(item.name)")
        }
    }

    @Test func `where lint and haproxy differ there is a reason`() throws {
        for (name, item) in try HAProxyCorpus.recorded() {
            let agree = item.findings.isEmpty == (item.verdict == "valid")
            #expect(agree == item.reason.isEmpty, "\(name): \(item)")
        }
    }

    @Test func `of what haproxy refuses few cases are no error for lint`() throws {
        let recorded = try HAProxyCorpus.recorded()
        let silent = try HAProxyCorpus.cases().filter { item in
            recorded[item.name]?.verdict == "errors"
                && HAProxyCorpus.findings(of: item.text).allSatisfy { $0.severity < .error }
        }
        // What needs the machine, or haproxy's own tables of samples. It may only fall.
        #expect(silent.count <= 8, "\(silent.map(\.name))")
    }

    @Test func `lint has no error of what haproxy accepts, but two sections on one port`() throws {
        let recorded = try HAProxyCorpus.recorded()
        for item in try HAProxyCorpus.cases()
        where ["valid", "warnings"].contains(recorded[item.name]?.verdict) {
            let errors = HAProxyCorpus.findings(of: item.text).filter { $0.severity == .error }.map(\.id)
            #expect(errors.allSatisfy { $0 == "ha-bind-duplicate" }, "\(item.name): \(errors)")
        }
    }

    @Test func `a healthy configuration gives nothing but remarks, for no release an error`() throws {
        for item in try HAProxyCorpus.cases() where item.name.hasPrefix("ok-") {
            #expect(
                HAProxyCorpus.findings(of: item.text).allSatisfy { $0.severity == .info }, "\(item.name)")
            #expect(
                HAProxyCorpus.findings(of: item.text, version: nil).allSatisfy { $0.severity == .info },
                "\(item.name)")
        }
    }

    @Test(.enabled(if: RealDaemons.found != nil, Comment(rawValue: RealDaemons.reason)))
    func `haproxy still says what is recorded`() async throws {
        let recorded = try HAProxyCorpus.recorded()
        let answers = try await HAProxyCorpus.ask(try #require(RealDaemons.found))
        #expect(answers.count == recorded.count)
        for (name, verdict) in answers { #expect(verdict == recorded[name]?.verdict, "\(name)") }
    }
}
