import Keepalived

/// Typographic quotes where keepalived needs plain ones.
///
/// - Condition: A word of a configuration, outside comments, has one of “ ” „ ‟ ‘ ’ ‚.
/// - Why: keepalived takes only `"` for a quote. The sign becomes a part of the word: a script is not found, a password
///   differs from the other node's, and a command's arguments fall outside the quotes.
/// - Remedy: Write `"`.
struct SyntaxTypographicQuotes: NodeRule {
    static let id = "syntax-typographic-quotes"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.files.flatMap { path -> [Finding] in
            guard let bytes = node.sources[path] else { return [] }
            return TypographicQuotes.places(in: bytes, file: path, dialect: node.version.dialect).map {
                place in
                node.finding(
                    Self.id, .error, at: place, "typographic quotes are not quotes to keepalived",
                    effect: "the sign becomes a part of the word", fix: "write `\"`")
            }
        }
    }
}

/// Finds the quotes that editors and web pages make of `"` and `'`.
enum TypographicQuotes {
    static let double: Set<Unicode.Scalar> = ["“", "”", "„", "‟"]
    static let single: Set<Unicode.Scalar> = ["‘", "’", "‚"]

    static func isIn(_ text: String) -> Bool {
        text.unicodeScalars.contains { double.contains($0) || single.contains($0) }
    }

    /// The first such sign of each line.
    static func places(in bytes: [UInt8], file: String, dialect: Dialect) -> [ConfigurationLocation] {
        // All of them are E2 80 xx.
        guard bytes.contains(0xE2) else { return [] }
        let tree = SyntaxTree(file: file, source: bytes, dialect: dialect)
        var places: [ConfigurationLocation] = []
        for (index, token) in tree.tokens.enumerated()
        where token.kind == .word || token.kind == .quoted || token.kind == .definition {
            guard places.last?.line != token.line, isIn(tree.text(of: index)) else { continue }
            places.append(tree.location(ofToken: index))
        }
        return places
    }
}
