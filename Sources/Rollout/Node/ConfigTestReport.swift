import Concealment
import Keepalived

/// What a node's own daemons report about a staged configuration, as `validate.sh` prints it.
struct ConfigTestReport: Sendable {
    private struct Verdict {
        var status: Int
        var said: [Substring] = []
    }

    private var verdicts: [Substring: Verdict] = [:]

    init(_ text: String) {
        var current: Substring?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("|") {
                if let current { verdicts[current]?.said.append(line.dropFirst()) }
            } else {
                let words = line.split(separator: " ")
                guard words.count == 2, let status = Int(words[1]) else { continue }
                current = words[0]
                verdicts[words[0]] = Verdict(status: status)
            }
        }
    }

    /// Why the configuration must not be loaded; paths are shown as they will be after the change.
    ///
    /// - `keepalivedRunsWithIt`: keepalived has already read this configuration, errors included.
    func faults(strippingDirectory directory: String, keepalivedRunsWithIt: Bool = false) -> [String] {
        var faults: [String] = []
        if let verdict = verdicts["keepalived"] {
            let result = ConfigTestResult(
                output: verdict.said.joined(separator: "\n"), status: verdict.status, version: version)
            let said = Self.summary(result.messages.map { $0.text[...] }, directory)
            switch result.verdict {
            case .clean, .scriptSecurityOnly: break
            case .runsWithErrors where keepalivedRunsWithIt: break
            // This release cannot test a configuration; haops' own lint must suffice.
            case .unavailable where !version.hasConfigTest: break
            case .unavailable where version.configTestMayKillItself && verdict.status == 143: break
            case .unavailable(let cause): faults.append("\(cause): \(said)")
            case .notRead: faults.append("keepalived \(version) did not read its configuration: \(said)")
            case .runsWithErrors, .fatal:
                faults.append("keepalived \(version) does not accept its configuration: \(said)")
            }
        }
        if let verdict = verdicts["haproxy"], verdict.status != 0 {
            let alerts = verdict.said.filter { $0.contains("ALERT") }
            faults.append(
                "haproxy does not accept its configuration: "
                    + Self.summary(alerts.isEmpty ? verdict.said : alerts, directory))
        }
        return faults
    }

    private var version: KeepalivedVersion {
        verdicts["keepalived-version"]?.said.first
            .flatMap { $0.split(separator: " ").first { $0.hasPrefix("v") } }
            .flatMap { KeepalivedVersion($0) } ?? .assumed
    }

    private static func summary(_ said: [Substring], _ directory: String) -> String {
        var seen: [String] = []
        for line in said {
            // A daemon quotes the line that it rejects, which may contain a password.
            let text = String.shown(
                line.split(separator: directory, omittingEmptySubsequences: false).joined()
            ).hidingLineSecrets
            if !seen.contains(text) { seen.append(text) }
            // Operators do not read more, and searching thousands of lines for each is too slow.
            if seen.count == 8 { break }
        }
        return seen.joined(separator: " / ")
    }
}
