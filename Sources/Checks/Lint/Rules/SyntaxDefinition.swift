import Keepalived

/// A `$definition` or a repetition that cannot be expanded.
///
/// - Condition: A reference has no definition, a definition contains itself, or `~SEQ` and `~LST` are malformed.
/// - Why: The braces of an undefined `${NAME}` open and close a block, and a definition that contains itself makes
///   keepalived hang.
/// - Remedy: Define the name before its use, without blanks around `=`.
struct SyntaxDefinition: NodeRule {
    static let id = "syntax-definition"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.diagnostics.compactMap { diagnostic in
            switch diagnostic.kind {
            // A password may begin with `$`. Only the operator knows whether a missing definition was intended.
            case .undefinedReference(let name)
            where !name.hasPrefix("${") && node.concealed.isSecret(diagnostic.location):
                return nil
            case .undefinedReference(let name):
                // `$NAME` may be a shell's variable or a password; `${NAME}` breaks the block.
                return node.finding(
                    Self.id, name.hasPrefix("${") ? .warning : .info, at: diagnostic.location,
                    "`\(name)` is not defined here",
                    effect: name.hasPrefix("${")
                        ? "its braces open and close a block" : "the text stays as it stands",
                    fix: "define it before this line, as `$NAME=value` without blanks around `=`")
            case .endlessDefinition(let name):
                return node.finding(
                    Self.id, .error, at: diagnostic.location, "`\(name)` is defined by itself",
                    effect: "keepalived hangs when it reads this", fix: "break the circle")
            case .invalidRepetition:
                return node.finding(
                    Self.id, .error, at: diagnostic.location, "the `~SEQ` or `~LST` is malformed",
                    effect: "the line is dropped", fix: "correct it: `~SEQ(var, start, step, end) text`")
            case .tooLarge:
                return node.finding(
                    Self.id, .warning, at: diagnostic.location,
                    "haops does not read more than this",
                    effect: "what follows is not checked", fix: "check it with keepalived -t")
            case .expansionTooLong:
                return node.finding(
                    Self.id, .error, at: diagnostic.location,
                    "definitions expand to more than keepalived can read",
                    effect: "the rest is lost", fix: "use fewer repetitions")
            default:
                return nil
            }
        }
    }
}
