import Addresses
import FoundationEssentials
import Glibc
import Keepalived

@testable import Checks

/// The small configurations under Tests/Corpus/cases, with what keepalived 2.2.7 said of each.
///
/// `verdicts.txt` next to them holds one line per case: what `keepalived -t` concluded, what lint finds, and
/// where the two differ, why lint is right.
struct Corpus {
    struct Case {
        var name: String
        var text: [UInt8]
    }

    struct Recorded: Equatable {
        /// `clean`, `errors`, `security`, `fatal` or `unavailable`.
        var verdict: String
        /// The findings of lint, without those that are advice.
        var findings: [String]
        /// Why lint and `-t` differ; empty when they agree.
        var reason: String
    }

    static let folder =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Corpus"

    /// Advice that holds for a configuration without a mistake too.
    static let advice: Set<String> = ["garp-refresh", "notify-order", "script-rise-fall", "killall-weak"]

    /// - `ending`: of the files' names.
    static func cases(in folder: String = folder, ending: String = ".conf") throws -> [Case] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/cases")
        return try names.filter { $0.hasSuffix(ending) }.sorted().map { name in
            Case(
                name: String(name.dropLast(ending.count)),
                text: Array(try Data(contentsOf: URL(filePath: folder + "/cases/" + name))))
        }
    }

    static func recorded(in folder: String = folder) throws -> [String: Recorded] {
        let data = try Data(contentsOf: URL(filePath: folder + "/verdicts.txt"))
        var result: [String: Recorded] = [:]
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.split(separator: " ").joined(separator: " ") }
            guard fields.count >= 4 else { continue }
            result[fields[0]] = Recorded(
                verdict: fields[1], findings: fields[2].split(separator: " ").map(String.init),
                reason: fields[3])
        }
        return result
    }

    /// What is known of the node on which the verdicts were recorded; see Tests/Corpus/config-test.
    static func facts() throws -> NodeFacts {
        func network(_ text: String) throws -> CIDR {
            guard let network = CIDR(text) else { throw CocoaError(.formatting) }
            return network
        }
        var facts = NodeFacts()
        facts.interfaces = [
            NodeFacts.Interface(name: "lo", addresses: [try network("127.0.0.1/8")]),
            NodeFacts.Interface(
                name: "eth0", addresses: [try network("203.0.113.11/24"), try network("2001:db8::11/64")]),
            NodeFacts.Interface(name: "eth1", addresses: [try network("198.51.100.11/24")]),
        ]
        facts.users = ["root", "nobody"]
        facts.commands = ["sh", "systemctl"]
        var paths: [String: NodeFacts.Path] = [:]
        for (name, mode, exists) in [
            ("good", 0o755, true), ("noexec", 0o644, true), ("insecure", 0o777, true), ("missing", 0, false),
        ] {
            let path = "/var/lib/haops-corpus/\(name).sh"
            paths[path] = NodeFacts.Path(path: path, exists: exists, mode: mode)
        }
        facts.paths = paths
        return facts
    }

    static func findings(of text: [UInt8], facts: NodeFacts?) -> [Finding] {
        let node = LintNode(
            name: "lb1", path: "k.conf", files: FileSet(["k.conf": ConfigurationFile(text)]), configID: "lb1",
            facts: facts)
        return Linter().run([node]).findings
    }

    /// A keepalived to ask: in the root of the lab's machines, else the machine's own.
    static let root = ProcessInfo.processInfo.environment["HAOPS_LAB_IMAGE"] ?? "/"
    /// Without one, tests that need it are skipped; here they fail.
    static let mustBeThere = ProcessInfo.processInfo.environment["HAOPS_REQUIRE_LAB"] == "1"

    /// What the real thing says and its exit status, by case; `nil` where there is none.
    static let answers = askKeepalived()

    private static func askKeepalived() -> [String: (output: String, status: Int)]? {
        guard getuid() == 0,
            FileManager.default.isExecutableFile(atPath: root + "/usr/sbin/keepalived"),
            let output = shell("'\(folder)/config-test' '\(folder)/cases' '\(root)' 2>&1")
        else { return nil }
        var result: [String: (String, Int)] = [:]
        var name = ""
        for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(separator: " ")
            if words.count == 3, words[0] == "==", let status = Int(words[2]) {
                name = String(words[1])
                result[name] = ("", status)
            } else {
                result[name]?.0 += line + "\n"
            }
        }
        return result.isEmpty ? nil : result
    }

    /// What a command prints, or `nil` when it cannot be run.
    static func shell(_ command: String) -> String? {
        guard let stream = unsafe popen(command, "r") else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, stream)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        let status = unsafe pclose(stream)
        return status == 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

extension ConfigTestResult.Verdict {
    var word: String {
        switch self {
        case .clean: "clean"
        case .runsWithErrors: "errors"
        case .scriptSecurityOnly: "security"
        case .fatal: "fatal"
        case .notRead: "not read"
        case .unavailable: "unavailable"
        }
    }
}
