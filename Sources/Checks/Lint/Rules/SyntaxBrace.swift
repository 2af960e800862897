import Keepalived

/// A missing or extra brace.
///
/// - Condition: `{` and `}` do not match as the keywords require.
/// - Why: keepalived reads everything after this place in another block: lines are dropped, or an instance ends
///   early.
/// - Remedy: Balance the braces; after an unknown keyword, where this is only a remark, correct the keyword.
struct SyntaxBrace: NodeRule {
    static let id = "syntax-brace"

    func check(_ node: LintNode) -> [Finding] {
        // Only the first of the braces that an unknown keyword misplaces is reported.
        var causes: Set<ConfigurationLocation> = []
        // Of several that close nothing, one per line.
        var lines: Set<ConfigurationLocation> = []
        return node.configuration.diagnostics.compactMap { diagnostic in
            let what: String
            switch diagnostic.kind {
            case .unexpectedOpenBrace: what = "a `{` stands where no keyword takes one"
            case .missingOpenBrace: what = "a block does not start with `{`"
            case .extraCloseBrace:
                var line = diagnostic.location
                line.column = 0
                guard lines.insert(line).inserted else { return nil }
                what = "a `}` closes nothing"
            case .missingCloseBraces(let count): what = "\(count) `}` missing at the end of the file"
            case .blockHasExtraWords(let word): what = "`\(word)` has words between its keyword and its `{`"
            default: return nil
            }
            if let cause = diagnostic.cause {
                guard causes.insert(cause).inserted else { return nil }
                return node.finding(
                    Self.id, .info, at: diagnostic.location, what,
                    effect: "it follows from the unknown keyword in front of it", fix: "correct that keyword")
            }
            return node.finding(
                Self.id, .error, at: diagnostic.location, what,
                effect: "keepalived reads the following lines in another block than it seems",
                fix: "balance the braces here")
        }
    }
}
