import FoundationEssentials

/// What a verb answers, as a value: JSON, YAML and TSV are ways to write it, and so are the tables for people.
///
/// New members may come, none goes and none changes its meaning.
protocol OutputDocument: Encodable, Sendable {
    /// The rows for `cut` and `awk`.
    var table: Table { get }

    /// The members of its JSON.
    static var schema: JSONSchema { get }
}

extension OutputDocument where Self: Decodable {
    static var schema: JSONSchema { .of(Self.self) }
}

/// An answer in all the forms it can be printed in.
struct Report: Sendable {
    /// The verb, for the document's head.
    var command: String
    var body: any OutputDocument
    /// For people: complete text, already styled.
    var text: String

    init(command: String, _ body: any OutputDocument, text: String) {
        self.command = command
        self.body = body
        self.text = text
    }

    /// Of a document that is a table for people too.
    init(command: String, _ body: any OutputDocument, style: Style) {
        self.init(command: command, body, text: body.table.text(style))
    }

    /// For `cut` and `awk`.
    var tsv: Table { body.table }

    /// For JSON and YAML.
    var document: OutputValue {
        let now = Date.now.formatted(.iso8601)
        return OutputEncoder().encode(HeadedDocument(command: command, checkedAt: now, body: body))
    }
}

/// A document behind what heads every one.
struct HeadedDocument: Encodable {
    private static let schemaVersion = 1
    var command: String
    /// In UTC.
    var checkedAt: String
    var body: any OutputDocument

    private enum CodingKeys: CodingKey { case schemaVersion, command, checkedAt }

    func encode(to encoder: any Encoder) throws {
        var head = encoder.container(keyedBy: CodingKeys.self)
        try head.encode(Self.schemaVersion, forKey: .schemaVersion)
        try head.encode(command, forKey: .command)
        try head.encode(checkedAt, forKey: .checkedAt)
        try body.encode(to: encoder)
    }

    /// What heads a verb's document.
    static func schema(command: String) -> JSONSchema {
        func member(_ key: CodingKeys, _ schema: JSONSchema) -> JSONSchema.Member {
            .init(name: OutputEncoder.Names.snakeCase.name(of: key), schema: schema)
        }
        return .object([
            member(.schemaVersion, .constant(schemaVersion)), member(.command, .words([command])),
            member(.checkedAt, .text(format: "date-time")),
        ])
    }
}
