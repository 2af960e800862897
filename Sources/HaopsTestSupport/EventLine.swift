import FoundationEssentials

/// One line of a file of `--events` (docs/Events.md).
package struct EventLine: Decodable {
    package var schema_version: Int
    package var time: String
    package var run: String
    package var verb: String
    package var cluster: String?
    package var node: String?
    package var stage: String
    package var phase: String
    package var duration_ms: Int?
    package var message: String
    package var hint: String?
    package var nodes: Int?

    /// All lines of a file.
    ///
    /// - Throws: when the file cannot be read, or a line is not an event.
    package static func all(in path: String) throws -> [EventLine] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(EventLine.self, from: Data($0.utf8))
        }
    }
}
