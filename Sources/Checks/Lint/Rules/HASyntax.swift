import HAProxy

/// What haproxy cannot read.
///
/// - Condition: A quote or a brace of a variable is not closed, `\x` lacks its digits, a condition cannot be read or is not
///   closed, a directive is unknown, a line has more than 64 words, a word before the first section begins none, or the
///   last line has no line feed (since 2.3).
/// - Why: haproxy does not start, and a reload leaves the old configuration in force.
/// - Remedy: Correct the line.
struct HASyntax: NodeRule {
    static let id = "ha-syntax"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.problems.compactMap { problem in
            if problem.kind == .missingLineEnd, let version = haproxy.version, version < HAProxyVersion(2, 3)
            {
                return nil
            }
            let (message, fix) = words(for: problem)
            return node.finding(
                Self.id, problem.isUndecided ? .warning : .error, at: problem.location, message,
                effect: "haproxy does not start", fix: fix,
                evidence: [Evidence(at: problem.location, problem.word)])
        }
    }

    private func words(for problem: HAProxyProblem) -> (message: String, fix: String) {
        let word = problem.word
        switch problem.kind {
        case .flaw(.openQuote):
            return ("a quote is not closed on its line", "close the quote; a line never goes on")
        case .flaw(let flaw): return ("`\(word)`: \(flaw)", "correct the word, or quote it with `'`")
        case .missingLineEnd: return ("the last line has no line feed", "end the file with a line feed")
        case .outsideSection: return ("`\(word)` stands before any section", "begin a section above it")
        case .lone: return ("`\(word)` has no `.if` that it belongs to", "remove it, or write the `.if`")
        case .openCondition: return ("`.if` has no `.endif`", "write `.endif` behind its last line")
        case .condition: return ("the condition `\(word)` cannot be read", "correct the condition")
        case .unknownDirective: return ("`\(word)` is not a directive", "correct or remove the line")
        case .surplusArgument: return ("`\(word)` is one word too many", "quote the words, or remove it")
        case .tooManyWords: return ("the line has more than 64 words", "divide it into several lines")
        case .alert: return ("`.alert` ends the start: `\(word)`", "do what it says")
        case .modifier:
            return ("`\(word)`: this keyword has no such form", "remove the line, or the `no` or `default`")
        }
    }
}
