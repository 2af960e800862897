/// What a JSON value may be, and how JSON Schema (draft 7) writes it.
///
/// Draft 7 is what editors understand best. Nothing refers to anything: a schema is complete where it stands.
indirect enum JSONSchema: Sendable {
    case text(format: String? = nil)
    case integer
    case boolean
    /// One text and no other; or, with several, one of them.
    case words([String])
    case constant(Int)
    case array(JSONSchema)
    case object([Member])
    /// The value, or `null` where it is not known.
    case nullable(JSONSchema)
    case anyOf([JSONSchema])

    struct Member: Sendable {
        var name: String
        var schema: JSONSchema
        /// Whether it is always there.
        var isRequired = true
    }

    /// The members of both objects.
    func with(_ other: JSONSchema) -> JSONSchema {
        guard case .object(let members) = self, case .object(let more) = other else { return self }
        return .object(members + more)
    }
}

extension JSONSchema {
    /// The keywords of the schema.
    var keywords: [(key: String, value: OutputValue)] {
        switch self {
        case .text(let format):
            [("type", "string")] + (format.map { [("format", .text($0))] } ?? [])
        case .integer: [("type", "integer")]
        case .boolean: [("type", "boolean")]
        case .words(let words) where words.count == 1: [("const", .text(words[0]))]
        case .words(let words): [("type", "string"), ("enum", OutputValue(words))]
        case .constant(let number): [("const", .int(number))]
        case .array(let element): [("type", "array"), ("items", element.document)]
        case .object(let members):
            [
                ("type", "object"),
                ("properties", .object(members.map { ($0.name, $0.schema.document) })),
                ("required", OutputValue(members.filter(\.isRequired).map(\.name))),
            ]
        case .nullable(let schema): Self.orNull(schema)
        case .anyOf(let schemas): [("anyOf", .array(schemas.map(\.document)))]
        }
    }

    /// The schema as JSON.
    var document: OutputValue { .object(keywords) }

    /// The schema as a document of its own.
    func document(titled title: String, about description: String) -> OutputValue {
        .object(
            [
                ("$schema", "http://json-schema.org/draft-07/schema#"), ("title", .text(title)),
                ("description", .text(description)),
            ] + keywords)
    }

    private static func orNull(_ schema: JSONSchema) -> [(key: String, value: OutputValue)] {
        schema.keywords.contains { $0.key == "type" }
            ? schema.keywords.map { keyword in
                switch keyword {
                case ("type", let type): ("type", .array([type, "null"]))
                case ("enum", .array(let words)): ("enum", .array(words + [.null]))
                default: keyword
                }
            } : [("anyOf", .array([schema.document, ["type": "null"]]))]
    }
}
