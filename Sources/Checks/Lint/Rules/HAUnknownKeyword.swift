import HAProxy
import Inventory

/// A mistyped keyword of haproxy.
///
/// - Condition: A keyword of `global` or of a proxy, an `option`, a `timeout`, or an option of `bind` and `server` is none
///   of any release from 1.8 on. Where haproxy's release is not known, or is later than 3.4, only words that are almost
///   one are named.
/// - Why: haproxy does not start, and a reload leaves the old configuration in force.
/// - Remedy: Correct the spelling.
struct HAUnknownKeyword: NodeRule {
    static let id = "ha-unknown-keyword"

    private static let latest = HAProxyVersion(3, 4)

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        let isCertain = haproxy.version.map { $0.branch <= Self.latest } ?? false
        // Limits the work on a file that is not a haproxy.cfg at all.
        return haproxy.keywordUses.filter { $0.known == nil && !$0.word.hasVariables }.prefix(100).compactMap
        { use in
            let meant = suggestion(for: use.word.value, among: use.candidates.sorted())
            guard meant != nil || isCertain else { return nil }
            return node.finding(
                Self.id, .error, at: use.statement, word: use.word,
                "`\(use.word.value)` is not \(place(use.place))",
                effect: "haproxy does not start",
                fix: meant.map { "did you mean `\($0)`?" } ?? "correct or remove it")
        }
    }

    private func place(_ place: String) -> String {
        switch place {
        case "option": "an `option`"
        case "timeout": "a `timeout`"
        case "server": "an option of a server"
        case "bind": "an option of `bind`"
        case "global": "a keyword of `global`"
        default: "a keyword of a \(place)"
        }
    }
}
