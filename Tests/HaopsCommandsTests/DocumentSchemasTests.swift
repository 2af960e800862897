import ArgumentParser
import Checks
import FoundationEssentials
import HaopsTestSupport
import Testing

@testable import HaopsCommands

/// The schemas are those of the types, the committed ones are these, and they refuse what is wrong.
struct DocumentSchemasTests {
    private static let folder = LabFixture.project + "/schemas"

    @Test func `the committed schemas are those that haops prints`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
        #expect(files == DocumentSchemas.all.map { $0.name + ".json" }.sorted(), "make schemas")
        for entry in DocumentSchemas.all {
            let file = try String(contentsOfFile: "\(Self.folder)/\(entry.name).json", encoding: .utf8)
            #expect(
                file == entry.document.json + "\n",
                "schemas/\(entry.name).json is not up to date: make schemas")
        }
    }

    @Test func `every verb that answers with documents has its schema`() {
        let verbs = Haops.configuration.groupedSubcommands.flatMap(\.subcommands)
            .map { $0.configuration.commandName ?? "\($0)".lowercased() }
        // `init` writes an inventory, and `report` an archive.
        #expect(Set(DocumentSchemas.documents.map(\.verb)) == Set(verbs).subtracting(["init", "report"]))
    }

    @Test func `every document is among a verb's`() throws {
        let declaration = #/struct (\w+): (?:\w+, )*OutputDocument\b/#
        let sources = LabFixture.project + "/Sources/HaopsCommands"
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources).filter {
            $0.hasSuffix(".swift")
        }
        let declared = try files.flatMap { file in
            try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8).matches(of: declaration)
                .map { String($0.output.1) }
        }
        #expect(Set(declared) == Set(DocumentSchemas.documents.flatMap(\.types).map { "\($0)" }))
    }

    private struct Inner: Codable {
        var outageMs: Int?
        @Word<Finding.Severity> var severity: String
        @WordIfKnown<Finding.Severity> var worst: String?
    }

    private struct Sample: Codable {
        var name: String
        var checkedAt: String?
        var isWell: Bool
        var moves: [Inner]
        var one: Inner?
        var names: [String]?
        var steps: IfPresent<[String]>
        var hidden = 1

        private enum CodingKeys: CodingKey { case name, checkedAt, isWell, moves, one, names, steps }
    }

    @Test func `a schema has the members that the encoder writes, with what they may be`() {
        let inner = #"""
            {"type":"object","properties":{"outage_ms":{"type":["integer","null"]},"severity":{"type":"string","enum":["info","warning","error"]},"worst":{"type":["string","null"],"enum":["info","warning","error",null]}},"required":["outage_ms","severity","worst"]}
            """#
        let orNull = inner.replacing(#"{"type":"object""#, with: #"{"type":["object","null"]"#)
        let expected =
            #"{"type":"object","properties":{"name":{"type":"string"},"checked_at":{"type":["string","null"]},"is_well":{"type":"boolean"},"#
            + #""moves":{"type":"array","items":\#(inner)},"one":\#(orNull),"names":{"type":["array","null"],"items":{"type":"string"}},"#
            + #""steps":{"type":"array","items":{"type":"string"}}},"required":["name","checked_at","is_well","moves","one","names"]}"#
        #expect(JSONSchema.of(Sample.self).document.jsonOnOneLine == expected)
    }

    @Test func `what the encoder writes is valid, and nothing else is`() throws {
        let sample = Sample(
            name: "n", checkedAt: nil, isWell: true,
            moves: [Inner(outageMs: 3, severity: "error", worst: nil)], one: nil, names: nil,
            steps: IfPresent(nil))
        let schema = try JSONValue(JSONSchema.of(Sample.self).document.json.utf8)
        let written = OutputEncoder().encode(sample).json
        func problems(_ text: String) throws -> [String] {
            SchemaValidator(isStrict: true).problems(of: try JSONValue(text.utf8), by: schema)
        }
        #expect(try problems(written) == [])
        for (good, bad) in [
            (#""is_well": true"#, #""is_well": "true""#), (#""name": "n","#, ""),
            (#""outage_ms": 3"#, #""outage_ms": 3.5"#),
            (#""error""#, #""fatal""#), (#""one": null"#, #""one": {}"#),
            (#""names": null"#, #""names": [null]"#),
            (#""names": null"#, #""names": null, "more": 1"#),
        ] {
            let changed = written.replacing(good, with: bad)
            #expect(changed != written)
            #expect(try !problems(changed).isEmpty, "\(bad)")
        }
    }

    @Test func `haops schema prints each, and names near misses`() async throws {
        let list = try await Program.haops("schema", "-o", "json")
        #expect(try DocumentSchema.problems(of: JSONValue(list.out.utf8)) == [])
        let who = try await Program.haops("schema", "who")
        #expect(who.exit == 0)
        #expect(try JSONValue(who.out.utf8) == DocumentSchema.committed("who"))
        let wrong = try await Program.haops("schema", "inventori")
        #expect(wrong.exit == 64)
        #expect(wrong.err.contains("did you mean `inventory`?"))
    }

    @Test func `an answer that its schema does not promise is noticed where tests run haops`() throws {
        let answer =
            #"{"schema_version":1,"command":"check","checked_at":"2026-01-01T00:00:00Z","valid":true,"clusters":[],"problems":[]}"#
        #expect(try DocumentSchema.problems(of: JSONValue(answer.utf8)) == [])
        for (good, bad) in [(#""valid":true"#, #""valid":1"#), ("[]}", #"[],"surplus":0}"#), ("Z\"", "\"")] {
            let changed = answer.replacing(good, with: bad)
            #expect(changed != answer)
            #expect(try !DocumentSchema.problems(of: JSONValue(changed.utf8)).isEmpty, "\(bad)")
        }
    }
}
