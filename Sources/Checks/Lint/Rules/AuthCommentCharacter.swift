import Keepalived

/// A comment sign inside an unquoted password.
///
/// - Condition: `auth_pass` is followed directly by `#` or `!`, on keepalived 2.0.9 or later.
/// - Why: The password ends before the sign, without a warning; another release or the other node may parse it
///   differently.
/// - Remedy: Put the password between double quotes.
struct AuthCommentCharacter: NodeRule {
    static let id = "auth-comment-char"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.files.flatMap { path -> [Finding] in
            guard let bytes = node.sources[path] else { return [] }
            let tree = SyntaxTree(file: path, source: bytes, dialect: node.version.dialect)
            return tree.tokens.indices.dropFirst(3).filter { index in
                // `auth_pass`, a blank, the password, and the comment directly after it.
                tree.tokens[index].kind == .comment && tree.tokens[index - 1].kind == .word
                    && tree.tokens[index - 2].kind == .space && tree.text(of: index - 3) == "auth_pass"
            }.map { index in
                node.finding(
                    Self.id, .error, at: tree.location(ofToken: index - 1),
                    "a `#` or `!` cuts the password short",
                    effect: "keepalived \(node.version) uses only the text before it as the password",
                    fix: "put the password between double quotes")
            }
        }
    }
}
