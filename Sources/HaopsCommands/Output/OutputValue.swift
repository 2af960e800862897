/// A JSON value with its keys in the given order.
indirect enum OutputValue: Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case text(String)
    case array([OutputValue])
    case object([(key: String, value: OutputValue)])
}

extension OutputValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .int(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: OutputValue...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, OutputValue)...) {
        self = .object(elements.map { ($0.0, $0.1) })
    }
    init(nilLiteral: ()) { self = .null }

    init(_ text: String?) { self = text.map(OutputValue.text) ?? .null }
    init(_ number: Int?) { self = number.map(OutputValue.int) ?? .null }
    init(_ flag: Bool?) { self = flag.map(OutputValue.bool) ?? .null }
    init(_ texts: [String]) { self = .array(texts.map(OutputValue.text)) }
}

extension OutputValue {
    /// JSON of RFC 8259, indented by two spaces. Control characters and everything else that could control a
    /// terminal are escaped.
    var json: String {
        var out = ""
        writeJSON(to: &out, indent: 0)
        return out
    }

    /// The same on one line, for a file of many documents.
    var jsonOnOneLine: String {
        switch self {
        case .null, .bool, .int, .text: json
        case .array(let values): "[" + values.map(\.jsonOnOneLine).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.key) + ":" + $0.value.jsonOnOneLine }.joined(separator: ",")
                + "}"
        }
    }

    private func writeJSON(to out: inout String, indent: Int) {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        switch self {
        case .null: out += "null"
        case .bool(let flag): out += flag ? "true" : "false"
        case .int(let number): out += String(number)
        case .text(let text): out += Self.quoted(text)
        case .array(let values) where values.isEmpty: out += "[]"
        case .array(let values):
            out += "[\n"
            for (index, value) in values.enumerated() {
                out += inner
                value.writeJSON(to: &out, indent: indent + 1)
                out += index + 1 < values.count ? ",\n" : "\n"
            }
            out += outer + "]"
        case .object(let members) where members.isEmpty: out += "{}"
        case .object(let members):
            out += "{\n"
            for (index, member) in members.enumerated() {
                out += inner + Self.quoted(member.key) + ": "
                member.value.writeJSON(to: &out, indent: indent + 1)
                out += index + 1 < members.count ? ",\n" : "\n"
            }
            out += outer + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case _ where scalar.steersTerminals: out += scalar.jsonEscape
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// YAML 1.2 in block style; every text that could be read as something else is quoted as in JSON.
    var yaml: String {
        var out = ""
        writeYAML(to: &out, indent: 0, inline: false)
        return out
    }

    private func writeYAML(to out: inout String, indent: Int, inline: Bool) {
        let margin = String(repeating: "  ", count: indent)
        switch self {
        case .array(let values) where !values.isEmpty:
            if inline { out += "\n" }
            for value in values {
                out += margin + "-"
                value.writeYAMLMember(to: &out, indent: indent, afterDash: true)
            }
        case .object(let members) where !members.isEmpty:
            if inline { out += "\n" }
            for member in members {
                out += margin + Self.yamlScalar(member.key) + ":"
                member.value.writeYAMLMember(to: &out, indent: indent, afterDash: false)
            }
        case .text(let text): out += (inline ? " " : margin) + Self.yamlScalar(text) + "\n"
        default: out += (inline ? " " : margin) + json + "\n"
        }
    }

    private func writeYAMLMember(to out: inout String, indent: Int, afterDash: Bool) {
        switch self {
        case .object(let members) where afterDash && !members.isEmpty:
            // The first member follows the dash on its line, the others are below it.
            var inner = ""
            writeYAML(to: &inner, indent: indent + 1, inline: false)
            out += " " + inner.dropFirst(2 * (indent + 1))
        default: writeYAML(to: &out, indent: indent + 1, inline: true)
        }
    }

    private static func yamlScalar(_ text: String) -> String {
        let reserved: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "~", ""]
        let isPlain = text.utf8.allSatisfy { byte in
            (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                || "._-/".utf8.contains(byte)
        }
        let startsWithLetter = text.first.map { $0.isLetter || $0 == "/" } ?? false
        return isPlain && startsWithLetter && !reserved.contains(text.lowercased()) ? text : quoted(text)
    }
}
