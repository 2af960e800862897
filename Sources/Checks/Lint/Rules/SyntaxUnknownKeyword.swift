import Keepalived

/// A keyword that this keepalived does not know where it stands.
///
/// - Condition: The keyword is unknown, stands in the wrong block, or belongs to another release.
/// - Why: The line is reported and skipped (before 1.2.20: skipped silently). The `}` of an unknown block
///   inside an instance ends the instance.
/// - Remedy: Correct the spelling, move the line, or drop it for this release.
struct SyntaxUnknownKeyword: NodeRule {
    static let id = "syntax-unknown-keyword"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.diagnostics.compactMap { diagnostic in
            switch diagnostic.kind {
            case .unknownKeyword(let word) where word != "vrrp_skip_check_adv_addr" && word != "}":
                return node.finding(
                    Self.id, .warning, at: diagnostic.location, "`\(word)` is no keyword here",
                    effect: "keepalived \(node.version) skips the line",
                    fix: "correct or remove it")
            case .keywordOfOtherVersion(let word, let since, let until):
                let range = until.map { "\(since) to \($0)" } ?? "\(since) or later"
                return node.finding(
                    Self.id, .warning, at: diagnostic.location,
                    "`\(word)` needs keepalived \(range), and this is \(node.version)",
                    effect: "keepalived \(node.version) skips the line",
                    fix: "remove it, or upgrade the node first")
            default:
                return nil
            }
        }
    }
}
