/// Makes a document for machines of a value: its members in the order in which it encodes them, `null` for what is not
/// known. JSON and YAML are two ways to write what comes of it, see ``OutputValue``.
struct OutputEncoder {
    /// How members are called in the document.
    enum Names: Sendable {
        /// `checkedAt` is `checked_at`.
        case snakeCase
        /// As the type has them.
        case verbatim

        func name(of key: some CodingKey) -> String {
            guard self == .snakeCase else { return key.stringValue }
            return key.stringValue.reduce(into: "") { name, character in
                name += character.isUppercase ? "_" + character.lowercased() : String(character)
            }
        }
    }

    var names = Names.snakeCase

    func encode(_ value: some Encodable) -> OutputValue {
        let place = Place()
        do {
            try value.encode(to: Filling(place: place, names: names))
        } catch {
            // Only fractions are refused, and no document has any.
            preconditionFailure("\(error)")
        }
        return place.value ?? .null
    }
}

/// A value that has no member at all where it is `nil`, and not one that is `null`.
struct IfPresent<Value: Encodable & Sendable>: Encodable, Sendable {
    var value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws { try value?.encode(to: encoder) }
}

/// One place of a document, before it is known what stands there.
private final class Place {
    private enum Kind { case nothing, scalar, list, object }
    private var kind = Kind.nothing
    private var scalar = OutputValue.null
    private var items: [(key: String, place: Place)] = []

    /// `nil` where nothing was encoded.
    var value: OutputValue? {
        switch kind {
        case .nothing: nil
        case .scalar: scalar
        case .list: .array(items.map { $0.place.value ?? .null })
        case .object: .object(items.compactMap { item in item.place.value.map { (item.key, $0) } })
        }
    }

    var count: Int { items.count }

    func set(_ value: OutputValue) { (kind, scalar) = (.scalar, value) }
    func becomeList() { kind = .list }
    func becomeObject() { kind = .object }

    func add(_ key: String = "") -> Place {
        let place = Place()
        items.append((key, place))
        return place
    }
}

/// What a value encodes itself to.
private struct Filling: Encoder {
    let place: Place
    let names: OutputEncoder.Names
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        place.becomeObject()
        return KeyedEncodingContainer(Members(filling: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        place.becomeList()
        return Elements(filling: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Scalar(filling: self) }

    func put(_ value: some Encodable, at place: Place) throws {
        switch value {
        case let text as String: place.set(.text(text))
        case let flag as Bool: place.set(.bool(flag))
        case let number as any BinaryInteger: place.set(.int(Int(clamping: number)))
        case is any BinaryFloatingPoint:
            throw EncodingError.invalidValue(
                value, .init(codingPath: [], debugDescription: "documents have whole numbers only"))
        default: try value.encode(to: Filling(place: place, names: names))
        }
    }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let filling: Filling
    var codingPath: [any CodingKey] { [] }

    private func put(_ value: some Encodable, _ key: Key) throws {
        try filling.put(value, at: filling.place.add(filling.names.name(of: key)))
    }

    private func putIfKnown(_ value: (some Encodable)?, _ key: Key) throws {
        guard let value else { return encodeNil(forKey: key) }
        try put(value, key)
    }

    func encodeNil(forKey key: Key) { filling.place.add(filling.names.name(of: key)).set(.null) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Bool, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: String, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Double, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Float, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Int, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Int8, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Int16, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Int32, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: Int64, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt8, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt16, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt32, forKey key: Key) throws { try put(value, key) }
    func encode(_ value: UInt64, forKey key: Key) throws { try put(value, key) }

    // What is not known is said to be so.
    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        try putIfKnown(value, key)
    }
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try putIfKnown(value, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try putIfKnown(value, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try putIfKnown(value, key) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        Filling(place: filling.place.add(filling.names.name(of: key)), names: filling.names).container(
            keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        Filling(place: filling.place.add(filling.names.name(of: key)), names: filling.names)
            .unkeyedContainer()
    }

    func superEncoder() -> any Encoder { filling }
    func superEncoder(forKey key: Key) -> any Encoder { filling }
}

private struct Elements: UnkeyedEncodingContainer {
    let filling: Filling
    var codingPath: [any CodingKey] { [] }
    var count: Int { filling.place.count }

    private func put(_ value: some Encodable) throws { try filling.put(value, at: filling.place.add()) }

    func encodeNil() { filling.place.add().set(.null) }
    func encode<Value: Encodable>(_ value: Value) throws { try put(value) }
    func encode(_ value: Bool) throws { try put(value) }
    func encode(_ value: String) throws { try put(value) }
    func encode(_ value: Double) throws { try put(value) }
    func encode(_ value: Float) throws { try put(value) }
    func encode(_ value: Int) throws { try put(value) }
    func encode(_ value: Int8) throws { try put(value) }
    func encode(_ value: Int16) throws { try put(value) }
    func encode(_ value: Int32) throws { try put(value) }
    func encode(_ value: Int64) throws { try put(value) }
    func encode(_ value: UInt) throws { try put(value) }
    func encode(_ value: UInt8) throws { try put(value) }
    func encode(_ value: UInt16) throws { try put(value) }
    func encode(_ value: UInt32) throws { try put(value) }
    func encode(_ value: UInt64) throws { try put(value) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        Filling(place: filling.place.add(), names: filling.names).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        Filling(place: filling.place.add(), names: filling.names).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { filling }
}

private struct Scalar: SingleValueEncodingContainer {
    let filling: Filling
    var codingPath: [any CodingKey] { [] }

    private func put(_ value: some Encodable) throws { try filling.put(value, at: filling.place) }

    func encodeNil() { filling.place.set(.null) }
    func encode<Value: Encodable>(_ value: Value) throws { try put(value) }
    func encode(_ value: Bool) throws { try put(value) }
    func encode(_ value: String) throws { try put(value) }
    func encode(_ value: Double) throws { try put(value) }
    func encode(_ value: Float) throws { try put(value) }
    func encode(_ value: Int) throws { try put(value) }
    func encode(_ value: Int8) throws { try put(value) }
    func encode(_ value: Int16) throws { try put(value) }
    func encode(_ value: Int32) throws { try put(value) }
    func encode(_ value: Int64) throws { try put(value) }
    func encode(_ value: UInt) throws { try put(value) }
    func encode(_ value: UInt8) throws { try put(value) }
    func encode(_ value: UInt16) throws { try put(value) }
    func encode(_ value: UInt32) throws { try put(value) }
    func encode(_ value: UInt64) throws { try put(value) }
}
