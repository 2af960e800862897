import Inventory

/// The inventory's JSON Schema, for yaml-language-server and its like: what it rejects, haops rejects too.
enum InventorySchema {
    static var document: OutputValue {
        .object(
            [
                ("$schema", "http://json-schema.org/draft-07/schema#"), ("title", "haops inventory"),
                (
                    "description",
                    "Format 1. `haops check` also sees what must hold between parts of an inventory."
                ),
            ] + keywords(of: .root) + [
                ("required", OutputValue(required(of: InventoryShape.root.keys))),
                // `defaults` may have what a section of a cluster leaves out.
                ("if", ["not": ["required": ["defaults"]]]),
                ("then", requirements(of: .root) ?? [:]),
            ])
    }

    private static func document(of shape: InventoryShape) -> OutputValue { .object(keywords(of: shape)) }

    /// What a value must be, without what must be there.
    private static func keywords(of shape: InventoryShape) -> [(key: String, value: OutputValue)] {
        switch shape {
        case .text(let pattern):
            return [("type", ["string", "number", "boolean"])]
                + (pattern.map { [("pattern", .text($0))] } ?? [])
        case .integer(let range):
            return [
                ("type", ["integer", "string"]), ("minimum", .int(range.lowerBound)),
                ("maximum", .int(range.upperBound)), ("pattern", "^-?(0|[1-9][0-9]*)$"),
            ]
        case .seconds: return [("type", ["number", "string"]), ("pattern", "^[0-9]{1,5}(\\.[0-9]+)?$")]
        case .boolean:
            let words = ["true", "false", "yes", "no", "on", "off"].map(inAnyCase).joined(separator: "|")
            return [("type", ["boolean", "string"]), ("pattern", .text("^(\(words))$"))]
        case .choice(let words): return [("type", "string"), ("enum", OutputValue(words))]
        case .mapping(let keys, let oneOf):
            return [
                ("type", "object"), ("properties", properties(keys)), ("additionalProperties", false),
            ] + (oneOf.isEmpty ? [] : [("oneOf", .array(oneOf.map { ["required": [.text($0)]] }))])
        case .named(let pattern, let value, let known, let mayBeEmpty):
            return [("type", "object")]
                + (known.isEmpty ? [] : [("properties", properties(known))])
                + (pattern.isEmpty ? [] : [("propertyNames", ["pattern": .text(pattern)])])
                + [("additionalProperties", document(of: value))] + (mayBeEmpty ? [] : [("minProperties", 1)])
        case .list(let item, let isUnique, let mayBeEmpty):
            let list: [(key: String, value: OutputValue)] =
                [("type", "array"), ("items", document(of: item))] + (isUnique ? [("uniqueItems", true)] : [])
                + (mayBeEmpty ? [] : [("minItems", 1)])
            let none: [OutputValue] = mayBeEmpty ? [["type": "null"]] : []
            return [("anyOf", .array([document(of: item), .object(list)] + none))]
        case .sequence(let item): return [("type", "array"), ("items", document(of: item)), ("minItems", 1)]
        case .either(let shapes): return [("anyOf", .array(shapes.map(document)))]
        case .nothing: return [("type", "null")]
        }
    }

    private static func properties(_ keys: [InventoryShape.Key]) -> OutputValue {
        .object(
            keys.map { key in
                (key.name, .object([("description", .text(key.about))] + keywords(of: key.shape)))
            })
    }

    /// What must be there, and nothing else; `nil` for nothing.
    private static func requirements(of shape: InventoryShape) -> OutputValue? {
        switch shape {
        case .mapping(let keys, _):
            let required = Self.required(of: keys)
            let inside = keys.compactMap { key in requirements(of: key.shape).map { (key.name, $0) } }
            guard !required.isEmpty || !inside.isEmpty else { return nil }
            return .object(
                (required.isEmpty ? [] : [("required", OutputValue(required))])
                    + (inside.isEmpty ? [] : [("properties", .object(inside))]))
        case .named(_, let value, _, _): return requirements(of: value).map { ["additionalProperties": $0] }
        case .list(let item, _, _), .sequence(let item):
            // An item alone is an object, or a text, for which the keywords of objects say nothing.
            return requirements(of: item).map { required in
                ["if": ["type": "array"], "then": ["items": required], "else": required]
            }
        case .either(let shapes):
            // At most one of them is an object.
            return shapes.lazy.compactMap(requirements).first
        case .text, .integer, .seconds, .boolean, .choice, .nothing: return nil
        }
    }

    private static func required(of keys: [InventoryShape.Key]) -> [String] {
        keys.filter(\.isRequired).map(\.name)
    }

    private static func inAnyCase(_ word: String) -> String {
        word.map { "[\($0.uppercased())\($0)]" }.joined()
    }
}
