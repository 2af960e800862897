/// A secret text. It prints as `(secret)` in string interpolation, dumps and mirrors.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The only access to the text: its callers are all places where secrets are used.
    package var revealed: String { text }

    package var description: String { "(secret)" }
    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The source of a secret in an inventory.
package enum SecretSource: Hashable, Sendable {
    /// An environment variable.
    case environment(String)
    /// A file; one trailing newline is not part of the secret. A relative path starts at the inventory's directory.
    case file(String)
    /// A program and its arguments, run without a shell; its standard output less one trailing newline.
    case command([String])
}

/// A secret's place in the inventory: by name, its value fetched only when something is rendered.
package enum SecretValue: Hashable, Sendable {
    case reference(name: String, source: SecretSource)
    /// Written into the inventory itself; warned of.
    case literal(Secret)
}

/// How raw lines name a secret: `${secret:NAME}` stands for its value.
private let secretMark = "${secret:"

/// The names of the secrets that raw lines ask for, in their order.
func secretNames(in text: String) -> [String] {
    var names: [String] = []
    _ = text.replacingSecrets { name in
        names.append(name)
        return nil
    }
    return names
}

extension String {
    /// The text with each `${secret:NAME}` replaced; those without a value stay as they are.
    package func replacingSecrets(_ value: (String) -> String?) -> String {
        var result = ""
        var rest = self[...]
        while let start = rest.firstRange(of: secretMark) {
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
            let name = String(rest[start.upperBound..<end])
            result += rest[..<start.lowerBound]
            result += value(name) ?? secretMark + name + "}"
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
