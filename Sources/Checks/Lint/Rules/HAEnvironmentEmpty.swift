import HAProxy

/// A variable without which the rest of the line is gone.
///
/// - Condition: A word is one variable between double quotes, without `-` and a default, and more words follow. Where the
///   variable is known not to be set it is a warning, else a remark.
/// - Why: An empty word ends the line for haproxy: `server a 192.0.2.21:80 "${OPTIONS}" check` without `OPTIONS` is a server
///   without `check`. `haproxy -c` says nothing until 3.1; 3.2 warns, and later releases refuse it.
/// - Remedy: Write `"${X[*]}"` for words that may be none, or `"${X-default}"`.
struct HAEnvironmentEmpty: NodeRule {
    static let id = "ha-env-empty"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.sections.flatMap { [$0.header] + $0.statements }.compactMap { statement in
            guard let word = statement.words.dropLast().first(where: isAlone) else { return nil }
            let isUnset = word.value.isEmpty
            let rest = statement.words.drop { $0.column <= word.column }.prefix(3).map(\.source)
            return node.finding(
                Self.id, isUnset ? .warning : .info, at: statement, word: word,
                isUnset
                    ? "`\(word.source)` is not set, and haproxy drops what follows it: `\(rest.joined(separator: " "))`"
                    : "if `\(word.source)` is not set, haproxy drops what follows it: `\(rest.joined(separator: " "))`",
                effect: "the line counts without these words, and `haproxy -c` says nothing until 3.1",
                fix:
                    "write `\"${\(name(word))[*]}\"` for words that may be none, or `\"${\(name(word))-DEFAULT}\"`"
            )
        }
    }

    /// Whether a word is nothing but a variable without a default, whose value is nothing or not known.
    private func isAlone(_ word: HAProxyFile.Word) -> Bool {
        guard word.hasVariables || word.value.isEmpty, word.source.hasPrefix("\"$"),
            word.source.hasSuffix("\"")
        else { return false }
        return word.source.count == name(word).utf8.count + (word.source.hasPrefix("\"${") ? 5 : 3)
    }

    private func name(_ word: HAProxyFile.Word) -> String {
        String(
            word.source.drop { $0 == "\"" || $0 == "$" || $0 == "{" }.prefix {
                $0 == "_" || $0 == "." || $0.isASCII && ($0.isLetter || $0.isNumber)
            })
    }
}
