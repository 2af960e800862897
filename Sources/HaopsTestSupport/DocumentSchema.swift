import FoundationEssentials
import Testing

/// The schemas of haops' answers, as they are committed, for the tests in which haops answers.
package enum DocumentSchema {
    /// Records an issue for whatever its schema says against an answer in JSON.
    ///
    /// - `arguments`: the command line; one that does not ask for JSON is not judged.
    package static func judge(_ output: [UInt8], of arguments: [String]) {
        let isJSON = zip(arguments, arguments.dropFirst()).contains {
            ["-o", "--output"].contains($0) && $1 == "json"
        }
        guard isJSON, !arguments.contains("--sarif"), !arguments.contains("schema") else { return }
        do {
            for document in try JSONValue.stream(output) {
                let problems = try problems(of: document)
                if !problems.isEmpty { Issue.record("\(arguments): \(problems.joined(separator: "\n"))") }
            }
        } catch { Issue.record("\(arguments): \(error)\n\(String(decoding: output, as: UTF8.self))") }
    }

    /// What is wrong with a verb's document.
    package static func problems(of document: JSONValue) throws -> [String] {
        guard let verb = document["command"]?.text else { return ["the document names no `command`"] }
        return SchemaValidator(isStrict: true).problems(of: document, by: try committed(verb))
    }

    /// The schema of this name below `schemas/`.
    package static func committed(_ name: String) throws -> JSONValue {
        try JSONValue(
            try Data(contentsOf: URL(fileURLWithPath: "\(LabFixture.project)/schemas/\(name).json")))
    }
}
