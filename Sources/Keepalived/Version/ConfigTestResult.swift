/// The result of `keepalived -t`, determined from its messages and its version, because the exit status alone is
/// misleading.
///
/// The status is 0 for a missing file, and otherwise that of the largest error category, so that a merely
/// insecure script can hide a fatal line.
package struct ConfigTestResult: Sendable {
    package enum Verdict: Hashable, Sendable {
        case clean
        /// keepalived would run, but differently than written.
        case runsWithErrors
        /// Only the warning that script security is off.
        case scriptSecurityOnly
        /// keepalived would exit at once.
        case fatal
        /// keepalived skipped the file (missing, a directory, executable): status 0, and nothing was tested.
        case notRead
        /// No test took place; the cause says why.
        case unavailable(cause: String)
    }

    package struct Message: Hashable, Sendable {
        /// The file, when more than one was read.
        package var file: String?
        package var line: Int?
        package var text: String
        package var isFatal: Bool

        /// What distinguishes it from other messages.
        fileprivate var place: Message { Message(file: file, line: line, text: text, isFatal: false) }
    }

    package var verdict: Verdict
    /// Without repetitions: keepalived reads its files about four times.
    package var messages: [Message]

    /// - `output`: both streams of `keepalived -t`.
    /// - `status`: its exit status; 128 + N when signal N ended it.
    package init(output: String, status: Int, version: KeepalivedVersion) {
        messages = Self.messages(in: output)
        let texts = messages.map(\.text)
        if messages.contains(where: \.isFatal) {
            verdict = .fatal
        } else if !version.hasConfigTest {
            verdict = .unavailable(cause: "keepalived \(version) has no -t; it came with 2.0.4")
        } else if status == 143 {
            verdict = .unavailable(
                cause: version.configTestMayKillItself
                    ? "keepalived \(version) kills itself in -t when a script runs as another user than root (fixed in 2.2.8)"
                    : "keepalived -t was terminated")
        } else if status >= 126 {
            verdict = .unavailable(cause: "keepalived -t ended with status \(status)")
        } else if texts.contains(where: Self.saysNotRead) {
            verdict = .notRead
        } else if status != 0, Self.cannotRun(status, version) {
            verdict = .fatal
        } else if texts.contains(where: { !Self.isScriptSecurity($0) }) {
            verdict = .runsWithErrors
        } else if texts.contains(where: Self.isScriptSecurity) {
            verdict = .scriptSecurityOnly
        } else {
            verdict = status == 0 ? .clean : .runsWithErrors
        }
    }

    /// Whether the exit status alone shows that the daemon would not run.
    ///
    /// From lib/scheduler.h of the releases: 3 in 2.0.7 to 2.2.4, 4 (and 2 for a missing argument) since.
    private static func cannotRun(_ status: Int, _ version: KeepalivedVersion) -> Bool {
        guard version.hasConfigTestCodes else { return false }
        return version < KeepalivedVersion(2, 2, 5) ? status == 3 : status == 4 || status == 2
    }

    static let fatalTexts = [
        "Non-existent interface specified", "virtual router id must be set", "Unknown interface!",
        "both use VRID", "duplicate VRID conflict", "No VIP specified; at least one is required",
        "*** Configuration line", "Unicast instances must have unicast_src_ip or interface",
        "Unicast peers are not supported in strict mode",
    ]

    private static func isFatal(_ text: Substring) -> Bool {
        fatalTexts.contains { text.firstRange(of: $0) != nil }
    }

    private static func saysNotRead(_ text: String) -> Bool {
        [
            "is not a regular non-executable file", "is a directory - skipping",
            "Failed to open configuration file",
            "Unable to read configuration file", "Unable to find configuration file",
        ].contains { text[...].firstRange(of: $0) != nil }
    }

    private static func isScriptSecurity(_ text: String) -> Bool {
        text.hasPrefix("SECURITY VIOLATION") || text[...].firstRange(of: "script_security not enabled") != nil
    }

    private static func messages(in output: String) -> [Message] {
        // The index of each text without a place, to remove duplicates with a place.
        var unplaced: [String: Int] = [:]
        var seen: Set<String> = []
        var placed: Set<Message> = []
        var result: [Message] = []
        for line in output.split(whereSeparator: \.isNewline) {
            var message = parse(line.drop { $0 == " " || $0 == "\t" })
            guard !message.text.isEmpty, message.text != "Terminated" else { continue }
            // The same text with and without its place is the same finding.
            let key = message.text
            if !seen.insert(key).inserted {
                guard message.line != nil, placed.insert(message.place).inserted else { continue }
                if let index = unplaced.removeValue(forKey: key) {
                    result[index].line = message.line
                    result[index].file = message.file
                } else {
                    result.append(message)
                }
                continue
            }
            if message.line == nil {
                unplaced[key] = result.count
            } else {
                placed.insert(message.place)
            }
            message.isFatal = isFatal(message.text[...])
            result.append(message)
        }
        return result
    }

    /// `(FILE: Line N) text`, `(Line N) text` or plain text.
    private static func parse(_ line: Substring) -> Message {
        let plain = Message(
            file: nil, line: nil, text: String(line), isFatal: Self.isFatal(line))
        guard line.hasPrefix("("), let close = line.firstRange(of: ") ") else { return plain }
        let inside = line[line.index(after: line.startIndex)..<close.lowerBound]
        let words = inside.split(separator: " ")
        guard words.count >= 2, words[words.count - 2] == "Line", let number = Int(words[words.count - 1])
        else {
            return plain
        }
        var file: String?
        if words.count > 2, let end = inside.firstRange(of: ": Line ") {
            file = String(inside[..<end.lowerBound])
        }
        return Message(
            file: file, line: number, text: String(line[close.upperBound...]), isFatal: plain.isFatal)
    }
}
