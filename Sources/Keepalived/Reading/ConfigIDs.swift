/// The config-ids that a file's `@id` and `@^id` lines name.
package struct ConfigIDs {
    /// Each once, in the order of the file.
    package private(set) var names: [String] = []
    /// Whether there are lines for everyone but one node (`@^id`).
    package private(set) var hasExceptions = false
    /// The place of the first such line.
    package private(set) var first: ConfigurationLocation?

    package init(in bytes: [UInt8], dialect: Dialect = .current) {
        guard dialect.conditions, bytes.contains(ASCII.at) else { return }
        let tree = SyntaxTree(file: "", source: bytes, dialect: dialect)
        var seen: Set<String> = []
        for (index, token) in tree.tokens.enumerated() where token.kind == .condition {
            var id = tree.text(of: index).dropFirst()
            if id.first == "^", dialect.negatedConditions {
                id.removeFirst()
                hasExceptions = true
            }
            guard !id.isEmpty else { continue }
            if first == nil { first = tree.location(ofToken: index) }
            if seen.insert(String(id)).inserted { names.append(String(id)) }
        }
    }
}
