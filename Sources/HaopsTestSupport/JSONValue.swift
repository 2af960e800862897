import FoundationEssentials

/// A JSON value, read as RFC 8259 has it; a name that stands twice in an object is an error.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package struct Malformed: Error, CustomStringConvertible {
        var offset: Int
        var what: String
        package var description: String { "not JSON at byte \(offset): \(what)" }
    }

    package init(_ bytes: some Sequence<UInt8>) throws {
        let all = try Self.stream(bytes)
        guard all.count == 1 else { throw Malformed(offset: 0, what: "\(all.count) values") }
        self = all[0]
    }

    /// All values of a text, one behind the other.
    package static func stream(_ bytes: some Sequence<UInt8>) throws -> [JSONValue] {
        var reader = JSONReader(bytes: Array(bytes))
        var values: [JSONValue] = []
        while reader.hasMore { values.append(try reader.value()) }
        return values
    }

    package subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var number: Double? { if case .number(let number) = self { number } else { nil } }
    package var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
    package var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
}

private struct JSONReader {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    var hasMore: Bool {
        mutating get {
            skipSpace()
            return next != nil
        }
    }

    private mutating func skipSpace() {
        while let byte = next, " \n\r\t".utf8.contains(byte) { index += 1 }
    }

    private func wrong(_ what: String) -> JSONValue.Malformed { .init(offset: index, what: what) }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[index...].starts(with: text.utf8) else { return false }
        index += text.utf8.count
        return true
    }

    mutating func value() throws -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .text(try text())
        case _ where take("null"): return .null
        case _ where take("true"): return .bool(true)
        case _ where take("false"): return .bool(false)
        default: return .number(try number())
        }
    }

    private mutating func object() throws -> JSONValue {
        var members: [String: JSONValue] = [:]
        try list(until: "}") { reader throws in
            let name = try reader.text()
            reader.skipSpace()
            guard reader.take(":") else { throw reader.wrong("no colon") }
            guard members.updateValue(try reader.value(), forKey: name) == nil else {
                throw reader.wrong("`\(name)` stands twice")
            }
        }
        return .object(members)
    }

    private mutating func array() throws -> JSONValue {
        var items: [JSONValue] = []
        try list(until: "]") { items.append(try $0.value()) }
        return .array(items)
    }

    /// What stands between brackets and commas.
    private mutating func list(until end: String, _ item: (inout JSONReader) throws -> Void) throws {
        index += 1
        skipSpace()
        if take(end) { return }
        while true {
            skipSpace()
            try item(&self)
            skipSpace()
            if take(end) { return }
            guard take(",") else { throw wrong("no comma and no `\(end)`") }
        }
    }

    private mutating func text() throws -> String {
        let start = index
        guard take("\"") else { throw wrong("no text") }
        while let byte = next, byte != UInt8(ascii: "\"") { index += byte == UInt8(ascii: "\\") ? 2 : 1 }
        guard take("\"") else { throw wrong("a text without end") }
        // Escapes and surrogates are Foundation's.
        return try JSONDecoder().decode(String.self, from: Data(bytes[start..<index]))
    }

    private mutating func number() throws -> Double {
        let start = index
        while let byte = next, "+-.0123456789eE".utf8.contains(byte) { index += 1 }
        guard let number = Double(String(decoding: bytes[start..<index], as: UTF8.self)) else {
            throw wrong("no value")
        }
        return number
    }
}
