import FoundationEssentials

/// Findings in the Static Analysis Results Interchange Format 2.1.0, which code review tools read.
package enum SARIF {
    private struct Log: Encodable {
        var version = "2.1.0"
        var schema = "https://json.schemastore.org/sarif-2.1.0.json"
        var runs: [Run]

        enum CodingKeys: String, CodingKey {
            case version
            case schema = "$schema"
            case runs
        }
    }

    private struct Run: Encodable {
        var tool: Tool
        var results: [Result]
    }

    private struct Tool: Encodable { var driver: Driver }

    private struct Driver: Encodable {
        var name = "haops"
        var rules: [Rule]
    }

    private struct Rule: Encodable { var id: String }

    private struct Text: Encodable { var text: String }

    private struct Result: Encodable {
        var ruleId: String
        var level: String
        var message: Text
        var locations: [Location]
    }

    private struct Location: Encodable { var physicalLocation: PhysicalLocation }

    private struct PhysicalLocation: Encodable {
        var artifactLocation: Artifact
        var region: Region
    }

    private struct Artifact: Encodable { var uri: String }

    private struct Region: Encodable {
        var startLine: Int
        var startColumn: Int?
    }

    /// One document with all findings; keys in a stable order.
    ///
    /// - Throws: nothing in practice; what the encoder cannot encode does not occur here.
    package static func document(_ findings: [Finding]) throws -> String {
        let run = Run(
            tool: Tool(driver: Driver(rules: Set(findings.map(\.id)).sorted().map(Rule.init))),
            results: findings.map(result))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Log(runs: [run])), as: UTF8.self)
    }

    private static func result(_ finding: Finding) -> Result {
        let levels: [Finding.Severity: String] = [.error: "error", .warning: "warning", .info: "note"]
        let nodes = finding.nodes.isEmpty ? "" : finding.nodes.joined(separator: ", ") + ": "
        let location = finding.file.map { file in
            Location(
                physicalLocation: PhysicalLocation(
                    artifactLocation: Artifact(uri: uri(file)),
                    region: Region(startLine: max(1, finding.line ?? 1), startColumn: finding.column)))
        }
        return Result(
            ruleId: finding.id, level: levels[finding.severity] ?? "none",
            message: Text(text: "\(nodes)\(finding.message): \(finding.effect). \(finding.fix)."),
            locations: location.map { [$0] } ?? [])
    }

    /// A path as a URI: `%` and what is not printable are escaped; relative paths stay relative.
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
