import HAProxy
import HaopsTestSupport
import Keepalived

@testable import Checks

/// The small configurations under Tests/Corpus/haproxy/cases, with what haproxy 2.6.12 said of each.
///
/// `verdicts.txt` next to them has one line per case: what `haproxy -c` concluded, what lint finds for that release
/// without remarks, and where the two differ, why.
enum HAProxyCorpus {
    static let folder = Corpus.folder + "/haproxy"
    static let version = HAProxyVersion(2, 6, 12)

    static func cases() throws -> [Corpus.Case] { try Corpus.cases(in: folder, ending: ".cfg") }

    /// The verdicts are `valid`, `warnings`, `errors`, or `no-listener`.
    static func recorded() throws -> [String: Corpus.Recorded] { try Corpus.recorded(in: folder) }

    static func findings(of text: [UInt8], version: HAProxyVersion? = version) -> [Finding] {
        let nothing = ConfigurationReader(path: "", bytes: []).read(path: "")
        let node = LintNode(
            name: "lb1", configuration: nothing,
            haproxy: HAProxyConfiguration(path: "h.cfg", bytes: text, version: version))
        return Linter().run([node]).findings
    }

    /// What the real haproxy concludes, by case.
    static func ask(_ daemons: RealDaemons) async throws -> [String: String] {
        let files = try cases().map {
            RealDaemons.File(path: "/corpus/\($0.name).cfg", contents: $0.text, mode: 0o644)
        }
        let script = """
            cd /corpus
            for file in *.cfg; do
                haproxy -c -f "$file" >/run/said 2>&1
                status=$?
                grep -q '^\\[WARNING\\]' /run/said && warned=1 || warned=0
                echo "${file%.cfg} $status $warned"
            done
            """
        let answer = try await daemons.run(script, files: files, interfaces: [:])
        var verdicts: [String: String] = [:]
        for line in answer.said.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 3 else { continue }
            verdicts[String(fields[0])] =
                switch (fields[1], fields[2]) {
                case ("0", "0"): "valid"
                case ("0", _): "warnings"
                case ("2", _): "no-listener"
                default: "errors"
                }
        }
        return verdicts
    }
}
