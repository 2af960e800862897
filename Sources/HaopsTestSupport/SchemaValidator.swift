/// Judges JSON by a JSON Schema of draft 7, as far as haops' schemas use it: a keyword that is not known here is an error,
/// so that none goes unheeded.
package struct SchemaValidator: Sendable {
    /// Whether a member that the schema does not name is an error: a program must ignore it, haops must not print it.
    package var isStrict = false

    package init(isStrict: Bool = false) { self.isStrict = isStrict }

    /// What is wrong, each with its place; empty when the value is valid.
    package func problems(of value: JSONValue, by schema: JSONValue, at place: String = "$") -> [String] {
        guard let keywords = schema.members else {
            return schema == .bool(false) ? ["\(place): must not be there"] : []
        }
        return keywords.sorted { $0.key < $1.key }.flatMap { keyword, argument in
            problem(keyword, argument, keywords, value, place)
        }
    }

    private func accepts(_ value: JSONValue, _ schema: JSONValue) -> Bool {
        problems(of: value, by: schema).isEmpty
    }

    private func problem(
        _ keyword: String, _ argument: JSONValue, _ all: [String: JSONValue], _ value: JSONValue,
        _ place: String
    ) -> [String] {
        func unless(_ holds: Bool, _ complaint: @autoclosure () -> String) -> [String] {
            holds ? [] : ["\(place): \(complaint())"]
        }
        switch (keyword, value) {
        case ("$schema", _), ("title", _), ("description", _), ("then", _), ("else", _): return []
        case ("type", _):
            let types = (argument.items ?? [argument]).compactMap(\.text)
            return unless(types.contains { value.isOf(type: $0) }, "wants \(types), is \(value)")
        case ("const", _): return unless(value == argument, "wants \(argument), is \(value)")
        case ("enum", _):
            return unless(argument.items?.contains(value) == true, "\(value) is none of \(argument)")
        case ("anyOf", _):
            let branches = (argument.items ?? []).map { problems(of: value, by: $0, at: place) }
            guard branches.allSatisfy({ !$0.isEmpty }) else { return [] }
            return ["\(place): fits none of \(branches.count)"] + (branches.min { $0.count < $1.count } ?? [])
        case ("oneOf", _):
            let count = argument.items?.count { accepts(value, $0) }
            return unless(count == 1, "fits \(count ?? 0) of several, not one")
        case ("not", _): return unless(!accepts(value, argument), "is what it must not be")
        case ("if", _):
            let branch = accepts(value, argument) ? all["then"] : all["else"]
            return branch.map { problems(of: value, by: $0, at: place) } ?? []
        case ("pattern", .text(let text)):
            guard let pattern = argument.text, let regex = try? Regex(pattern) else {
                return unless(false, "\(argument)")
            }
            return unless(text.contains(regex), "`\(text)` does not match \(pattern)")
        case ("format", .text(let text)):
            let isTime = argument.text == "date-time" && text.wholeMatch(of: Self.dateTime) != nil
            return unless(isTime, "`\(text)` is no \(argument)")
        case ("minimum", .number(let number)):
            return unless(number >= argument.number ?? .infinity, "\(number) is too small")
        case ("maximum", .number(let number)):
            return unless(number <= argument.number ?? -.infinity, "\(number) is too large")
        case ("items", .array(let items)):
            return items.enumerated().flatMap { problems(of: $1, by: argument, at: "\(place)[\($0)]") }
        case ("minItems", .array(let items)):
            return unless(Double(items.count) >= argument.number ?? .infinity, "too few")
        case ("uniqueItems", .array(let items)):
            return unless(Set(items).count == items.count, "has an item twice")
        case ("required", .object(let members)):
            return (argument.items ?? []).compactMap(\.text).filter { members[$0] == nil }.map {
                "\(place): has no `\($0)`"
            }
        case ("properties", .object(let members)):
            let properties = argument.members ?? [:]
            let isOpen = !isStrict || all["additionalProperties"] != nil
            return members.flatMap { name, member in
                properties[name].map { problems(of: member, by: $0, at: "\(place).\(name)") }
                    ?? unless(isOpen, "has `\(name)`, which its schema does not know")
            }
        case ("additionalProperties", .object(let members)):
            return members.filter { all["properties"]?[$0.key] == nil }.flatMap { name, member in
                problems(of: member, by: argument, at: "\(place).\(name)")
            }
        case ("propertyNames", .object(let members)):
            return members.keys.flatMap { problems(of: .text($0), by: argument, at: "\(place) name \($0)") }
        case ("minProperties", .object(let members)):
            return unless(Double(members.count) >= argument.number ?? .infinity, "has too few members")
        // Said of other types than the value's.
        case ("pattern", _), ("format", _), ("minimum", _), ("maximum", _), ("items", _), ("minItems", _),
            ("uniqueItems", _), ("required", _), ("properties", _), ("additionalProperties", _),
            ("propertyNames", _),
            ("minProperties", _):
            return []
        default: return ["\(place): the keyword `\(keyword)` is not known to this validator"]
        }
    }

    private static var dateTime: Regex<Substring> { #/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/# }
}

extension JSONValue {
    fileprivate func isOf(type: String) -> Bool {
        switch (type, self) {
        case ("null", .null), ("boolean", .bool), ("number", .number), ("string", .text), ("array", .array),
            ("object", .object):
            true
        case ("integer", .number(let number)): number == number.rounded()
        default: false
        }
    }
}
