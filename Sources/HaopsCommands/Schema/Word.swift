/// A member of a document that is one of the words of an enumeration: a text for the program, and in the document's schema
/// the list of the words.
@propertyWrapper
struct Word<Choice: RawRepresentable<String> & CaseIterable>: Codable, Sendable {
    var wrappedValue: String

    init(wrappedValue: String) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        wrappedValue = try decoder.singleValueContainer().decode(String.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

/// The same where the word may be unknown, which is `null`.
@propertyWrapper
struct WordIfKnown<Choice: RawRepresentable<String> & CaseIterable>: Codable, Sendable {
    var wrappedValue: String?

    init(wrappedValue: String?) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(String.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

extension Word: SchemaDescribed {
    static var schema: JSONSchema { .words(Choice.allCases.map(\.rawValue)) }
}

extension WordIfKnown: SchemaDescribed {
    static var schema: JSONSchema { .nullable(Word<Choice>.schema) }
}
