import Inventory
import Keepalived

/// A keyword that this keepalived does not know at this place.
///
/// - Condition: The keyword is unknown, is in the wrong block, or belongs to another release.
/// - Why: keepalived reports and skips the line (before 1.2.20 it skips it silently). The `}` of an unknown block
///   inside an instance ends the instance. An unknown block is an error, and its consequences are not reported
///   separately.
/// - Remedy: Correct the spelling, move the line, or remove it for this release.
struct SyntaxUnknownKeyword: NodeRule {
    static let id = "syntax-unknown-keyword"

    func check(_ node: LintNode) -> [Finding] {
        // Limits the work on a file that is not a keepalived.conf at all.
        var searches = 100
        let causes = Set(node.configuration.diagnostics.compactMap(\.cause))
        return node.configuration.diagnostics.filter { $0.cause == nil }.compactMap { diagnostic in
            let opensBlock = causes.contains(diagnostic.location)
            let what: String
            let fix: String
            switch diagnostic.kind {
            case .unknownKeyword("}"):
                return nil
            // This keyword has its own rule, ``SkipAdvertInInstance``.
            case .unknownKeyword("vrrp_skip_check_adv_addr") where !opensBlock:
                return nil
            case .unknownKeyword(let word):
                what = "`\(word)` is not a keyword here"
                searches -= 1
                let meant =
                    searches < 0
                    ? nil : suggestion(for: word, among: node.version.keywords(in: diagnostic.blocks))
                fix = meant.map { "did you mean `\($0)`?" } ?? "correct or remove it"
            case .keywordOfOtherVersion(let word, let since, let until):
                let range = until.map { "\(since) to \($0)" } ?? "\(since) or later"
                what =
                    "`\(word)` needs keepalived \(range)"
                    + (node.assumesVersion
                        ? ": it is unknown if this is \(node.version)" : ", and this is \(node.version)")
                fix =
                    node.assumesVersion
                    ? "name the node's release with `--version`; if it is older, remove the line"
                    : "remove it, or upgrade the node first"
            default:
                return nil
            }
            return node.finding(
                Self.id, opensBlock ? .error : .warning, at: diagnostic.location, what,
                effect: opensBlock
                    ? "keepalived \(node.version) reads what its braces hold, and what follows them, in another block"
                    : "keepalived \(node.version) skips the line",
                fix: fix)
        }
    }
}
