package import Inventory

/// A value for a template.
package enum MustacheValue: Sendable, Hashable {
    /// One line of text. A control character in it is an error, so that no value can start a new line.
    case text(String)
    /// A secret text; the renderer records where it was used.
    case secret(Secret)
    /// For sections only: a flag has no text.
    case flag(Bool)
    case list([MustacheValue])
    case object([String: MustacheValue])

    /// Whether `{{#x}}` is rendered. False, an empty list and an empty text are not.
    var isTruthy: Bool {
        switch self {
        case .text(let text): !text.isEmpty
        case .secret, .object: true
        case .flag(let flag): flag
        case .list(let list): !list.isEmpty
        }
    }

    /// In an error: "a list".
    var kind: String {
        switch self {
        case .text: "a text"
        case .secret: "a secret"
        case .flag: "a flag"
        case .list: "a list"
        case .object: "an object"
        }
    }
}

extension MustacheValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
    package init(arrayLiteral elements: MustacheValue...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, MustacheValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }

    /// A number as its decimal digits.
    package static func number(_ value: Int) -> MustacheValue { .text(String(value)) }

    /// The text, or false, so that a section around it is rendered only when there is a text.
    package static func optional(_ text: String?) -> MustacheValue { text.map(MustacheValue.text) ?? false }

    /// An operator's raw lines, one value each, without their common indentation; an empty list when there are
    /// none.
    package static func lines(_ text: String?) -> MustacheValue {
        // Split by scalars, because to Swift a carriage return and a following line feed are one character.
        let lines = (text ?? "").unicodeScalars.split(separator: "\n").map { line in
            line.last == "\r" ? line.dropLast() : line
        }
        let filled = lines.filter { !$0.allSatisfy(\.properties.isWhitespace) }
        let shared = filled.map { $0.prefix { $0 == " " || $0 == "\t" }.count }.min() ?? 0
        // Tabs are the only control characters that operators write intentionally.
        return .list(filled.map { .text(String($0.dropFirst(shared)).replacing("\t", with: "    ")) })
    }
}
