import Keepalived

/// A line is longer than the buffer that keepalived reads into.
///
/// - Condition: A line has more than 1022 bytes, comments included.
/// - Why: keepalived reads the rest as a separate line: the end of a comment becomes keywords.
/// - Remedy: Split the line.
struct SyntaxLongLine: NodeRule {
    static let id = "syntax-long-line"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.diagnostics.filter { $0.kind == .lineTooLong }.map { diagnostic in
            node.finding(
                Self.id, .error, at: diagnostic.location,
                "the line does not fit keepalived's buffer of 1024 bytes",
                effect: "keepalived reads the text from this column on as a new line with new keywords",
                fix: "split the line")
        }
    }
}
