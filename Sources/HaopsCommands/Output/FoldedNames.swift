import Inventory

extension NodeRange {
    /// ``folded(_:)`` with a blank after each comma between names, so that a long list can be wrapped.
    static func listed(_ names: some Sequence<String>) -> String {
        var depth = 0
        return folded(names).reduce(into: "") { text, character in
            text.append(character)
            if character == "[" { depth += 1 }
            if character == "]" { depth -= 1 }
            if character == ",", depth == 0 { text.append(" ") }
        }
    }
}

extension Int {
    /// "1 cluster", "3 clusters".
    func of(_ thing: String, plural: String? = nil) -> String {
        "\(self) \(self == 1 ? thing : plural ?? thing + "s")"
    }
}

extension [String] {
    /// "a", "a and b", "a, b and c".
    var enumeration: String {
        guard count > 1, let last else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " and " + last
    }
}
