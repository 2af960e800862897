import Keepalived

/// The file starts with a byte order mark.
///
/// - Condition: The first three bytes are EF BB BF.
/// - Why: The mark becomes part of the first keyword, which is then unknown: if it is `global_defs`, its whole block
///   is lost.
/// - Remedy: Save the file without the mark.
struct SyntaxByteOrderMark: NodeRule {
    static let id = "syntax-byte-order-mark"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.diagnostics.filter { $0.kind == .byteOrderMark }.map { diagnostic in
            node.finding(
                Self.id, .error, at: diagnostic.location, "the file starts with a byte order mark",
                effect: "the first keyword is unknown to keepalived", fix: "save the file without it")
        }
    }
}
