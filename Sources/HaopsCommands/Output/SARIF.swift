import Checks
import Inventory
import Remote

/// Findings in the Static Analysis Results Interchange Format 2.1.0, which code review tools read. Its members are called as
/// the format calls them.
struct SARIF: Encodable, Sendable {
    private var schema = "https://json.schemastore.org/sarif-2.1.0.json"
    private var runs: [Run]
    private var version = "2.1.0"

    private enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case runs, version
    }

    private struct Run: Encodable {
        var invocations: [Invocation]
        var results: [Result]
        var tool: Tool
    }

    /// Whether the run could look at everything, and what kept it from that.
    private struct Invocation: Encodable {
        var executionSuccessful: Bool
        var toolExecutionNotifications: [Notification]
    }

    private struct Notification: Encodable {
        var level = "error"
        var locations: [Location]
        var message: Text
    }

    private struct Tool: Encodable { var driver: Driver }

    private struct Driver: Encodable {
        var name = "haops"
        var rules: [Rule]
    }

    private struct Rule: Encodable { var id: String }

    private struct Text: Encodable, Sendable { var text: String }

    private struct Result: Encodable {
        var fixes: IfPresent<[Fix]>
        var level: String
        var locations: [Location]
        var message: Text
        var ruleId: String
    }

    private struct Location: Encodable { var physicalLocation: PhysicalLocation }

    private struct PhysicalLocation: Encodable {
        var artifactLocation: Artifact
        var region: Region
    }

    private struct Artifact: Encodable, Sendable { var uri: String }

    /// What `lint --fix` would write, for tools that offer it.
    private struct Fix: Encodable, Sendable {
        struct Change: Encodable, Sendable {
            var artifactLocation: Artifact
            var replacements: [Replacement]
        }

        struct Replacement: Encodable, Sendable {
            var deletedRegion: Span
            var insertedContent: Text
        }

        struct Span: Encodable, Sendable {
            var endColumn: Int
            var endLine: Int
            var startColumn: Int
            var startLine: Int
        }

        var artifactChanges: [Change]
        var description: Text
    }

    /// Without a column where none is known: the format has no `null` there.
    private struct Region: Encodable {
        var startColumn: Int?
        var startLine: Int

        private enum CodingKeys: CodingKey { case startColumn, startLine }

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            if let startColumn { try members.encode(startColumn, forKey: .startColumn) }
            try members.encode(startLine, forKey: .startLine)
        }
    }

    /// - `fixes`: what can be written because of the findings.
    /// - `sources`: the texts that the fixes change, by path.
    /// - `silent`: nodes that did not answer.
    init(
        _ findings: [Finding], _ fixes: [LintFix] = [], _ sources: [String: [UInt8]] = [:],
        silent: [HostID] = []
    ) {
        self.init(
            findings, fixes, sources,
            failures: silent.map {
                Notification(locations: [], message: Text(text: "\($0) did not answer"))
            })
    }

    /// A run that `error` ended before it had any findings: an empty answer would look like a healthy configuration.
    init(failure error: any Error) {
        self.init([], [], [:], failures: Self.notifications(of: error))
    }

    private init(
        _ findings: [Finding], _ fixes: [LintFix], _ sources: [String: [UInt8]], failures: [Notification]
    ) {
        let written = Dictionary(fixes.map { ($0.finding, Self.fix($0, sources)) }) { first, _ in first }
        runs = [
            Run(
                invocations: [
                    Invocation(
                        executionSuccessful: failures.isEmpty, toolExecutionNotifications: failures)
                ],
                results: findings.map { Self.result($0, written[$0]) },
                tool: Tool(driver: Driver(rules: Set(findings.map(\.id)).sorted().map(Rule.init))))
        ]
    }

    private static func notifications(of error: any Error) -> [Notification] {
        func notification(_ message: String, hint: String?, at location: Location? = nil) -> Notification {
            let text = message + (hint.map { ". hint: \($0)" } ?? "")
            return Notification(locations: location.map { [$0] } ?? [], message: Text(text: text))
        }
        switch error {
        case let error as InventoryError:
            return error.diagnostics.filter { $0.severity == .error }.map { diagnostic in
                let place = diagnostic.location
                return notification(
                    diagnostic.message, hint: diagnostic.remedy,
                    at: location(place.file, line: place.line, column: place.column))
            }
        case let failure as Failure: return [notification(failure.message, hint: failure.hint)]
        case let error as RemoteError: return [notification(error.description, hint: error.hint)]
        case is CancellationError, is InterruptedQuestion:
            return [notification("interrupted", hint: nil)]
        default: return [notification("\(error)", hint: nil)]
        }
    }

    private static func location(_ file: String, line: Int?, column: Int?) -> Location {
        Location(
            physicalLocation: PhysicalLocation(
                artifactLocation: Artifact(uri: uri(file)),
                region: Region(startColumn: column, startLine: max(1, line ?? 1))))
    }

    private static func fix(_ fix: LintFix, _ sources: [String: [UInt8]]) -> Fix {
        let changes = Dictionary(grouping: fix.edits, by: \.file).sorted { $0.key < $1.key }
        return Fix(
            artifactChanges: changes.map { path, edits in
                let bytes = sources[path] ?? []
                return Fix.Change(
                    artifactLocation: Artifact(uri: uri(path)),
                    replacements: edits.map { edit in
                        let start = place(edit.range.lowerBound, in: bytes)
                        let end = place(edit.range.upperBound, in: bytes)
                        return Fix.Replacement(
                            deletedRegion: Fix.Span(
                                endColumn: end.column, endLine: end.line, startColumn: start.column,
                                startLine: start.line),
                            insertedContent: Text(text: edit.text))
                    })
            }, description: Text(text: fix.description))
    }

    /// Line and column in bytes, both from 1.
    private static func place(_ offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (before.count { $0 == UInt8(ascii: "\n") } + 1, offset - start + 1)
    }

    private static func result(_ finding: Finding, _ fix: Fix?) -> Result {
        let levels: [Finding.Severity: String] = [.error: "error", .warning: "warning", .info: "note"]
        let nodes = finding.nodes.isEmpty ? "" : finding.nodes.joined(separator: ", ") + ": "
        let location = finding.file.map { Self.location($0, line: finding.line, column: finding.column) }
        return Result(
            fixes: IfPresent(fix.map { [$0] }), level: levels[finding.severity] ?? "none",
            locations: location.map { [$0] } ?? [],
            message: Text(
                text: "\(nodes)\(finding.message): \(finding.effect). \(finding.fix)"
                    + (finding.fix.hasSuffix("?") ? "" : ".")),
            ruleId: finding.id)
    }

    /// A path as a URI: `%` and unprintable characters are escaped; relative paths stay relative.
    private static func uri(_ path: String) -> String {
        var text = path.hasPrefix("/") ? "file://" : ""
        for byte in path.utf8 {
            let isPlain =
                byte > 0x20 && byte < 0x7F && !"%\"<>\\^`{|}#?".utf8.contains(byte)
            text += isPlain ? String(UnicodeScalar(byte)) : "%" + hex(byte)
        }
        return text
    }

    private static func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return text.count == 1 ? "0" + text : text
    }
}
