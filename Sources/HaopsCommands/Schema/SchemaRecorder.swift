/// A type that says itself which JSON it becomes, because its conformance to `Encodable` is written by hand.
protocol SchemaDescribed {
    static var schema: JSONSchema { get }
}

extension JSONSchema {
    /// The schema of what a type encodes to, without a value of it.
    ///
    /// The compiler writes `init(from:)` for the same members as `encode(to:)`. It is run here with a decoder that has an
    /// answer to everything, and notes what it was asked for: docs/Decisions/0017-schemas-from-types.md.
    static func of<Value: Decodable>(_ type: Value.Type) -> JSONSchema {
        SchemaRecorder.schema(of: type).schema
    }
}

/// The decoder that notes what a type decodes.
private final class SchemaRecorder: Decoder {
    private(set) var members: [JSONSchema.Member] = []
    private var names = OutputEncoder.Names.snakeCase
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    /// A value of the type that means nothing, and the schema that its decoding has shown.
    static func schema<Value: Decodable>(of type: Value.Type) -> (value: Value, schema: JSONSchema) {
        func answer(_ value: Any, _ schema: JSONSchema) -> (Value, JSONSchema) {
            guard let value = value as? Value else { preconditionFailure("\(Value.self) has no schema") }
            return (value, schema)
        }
        if Value.self == String.self { return answer("", .text()) }
        if Value.self == Bool.self { return answer(false, .boolean) }
        if Value.self == Int.self { return answer(0, .integer) }
        if let list = type as? any ListType.Type { return answer(list.empty, .array(list.elementSchema)) }
        if let optional = type as? any OptionalType.Type {
            return answer(optional.absent, .nullable(optional.valueSchema))
        }
        let recorder = SchemaRecorder()
        do {
            let value = try Value(from: recorder)
            if let described = type as? any SchemaDescribed.Type { return (value, described.schema) }
            return (value, .object(recorder.members))
        } catch {
            // Nothing that a document has can refuse the recorder's answers; a test asks for all documents.
            preconditionFailure("\(Value.self) has no schema: \(error)")
        }
    }

    func add(_ key: some CodingKey, _ schema: JSONSchema, isRequired: Bool = true) {
        members.append(.init(name: names.name(of: key), schema: schema, isRequired: isRequired))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RecordedMembers(recorder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw unexpected("a list") }

    func singleValueContainer() -> any SingleValueDecodingContainer { RecordedValue() }

    func unexpected(_ what: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "\(what) decoded by hand"))
    }
}

private struct RecordedMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: SchemaRecorder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { true }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (value, schema) = SchemaRecorder.schema(of: type)
        recorder.add(key, schema, isRequired: !(type is any MayBeMissing.Type))
        return value
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        ifPresent(type, key)
    }

    // The standard library has these for such types, and would not ask the one above.
    func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? { ifPresent(type, key) }
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) -> Bool? { ifPresent(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) -> Int? { ifPresent(type, key) }

    private func ifPresent<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
        recorder.add(key, .nullable(SchemaRecorder.schema(of: type).schema))
        return nil
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> { throw recorder.unexpected("members") }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw recorder.unexpected("a list")
    }

    func superDecoder() throws -> any Decoder { throw recorder.unexpected("a superclass") }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw recorder.unexpected("a superclass") }
}

/// The answers to a type that decodes itself from one value: it says its schema by ``SchemaDescribed``.
private struct RecordedValue: SingleValueDecodingContainer {
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { true }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        SchemaRecorder.schema(of: type).value
    }
}

// MARK: - Types that the decoder must know by name

private protocol ListType {
    static var empty: Self { get }
    static var elementSchema: JSONSchema { get }
}

extension Array: ListType where Element: Decodable {
    fileprivate static var empty: Self { [] }
    fileprivate static var elementSchema: JSONSchema { .of(Element.self) }
}

private protocol OptionalType {
    static var absent: Self { get }
    static var valueSchema: JSONSchema { get }
}

extension Optional: OptionalType where Wrapped: Decodable {
    fileprivate static var absent: Self { nil }
    fileprivate static var valueSchema: JSONSchema { .of(Wrapped.self) }
}

private protocol MayBeMissing {}

extension IfPresent: MayBeMissing {}

extension IfPresent: Decodable where Value: Decodable {
    init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Value.self))
    }
}

extension IfPresent: SchemaDescribed where Value: Decodable {
    static var schema: JSONSchema { .of(Value.self) }
}
