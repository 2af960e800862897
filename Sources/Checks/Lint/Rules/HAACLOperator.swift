import HAProxy

/// An operator that an `acl` line takes for a pattern.
///
/// - Condition: Behind the first pattern of an `acl` stands `||`, `&&`, another `-m`, or `or` or `and` before the name of
///   something that haproxy looks at.
/// - Why: All words behind the flags are patterns, one of which must match. The other half of the condition is never looked at,
///   and `haproxy -c` says nothing.
/// - Remedy: Write one `acl` line for each part: lines of one name are joined by "or", names in `if` by "and".
struct HAACLOperator: NodeRule {
    static let id = "ha-acl-operator"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.proxies.flatMap { $0.all("acl") }.compactMap { statement in
            guard let word = Self.misread(statement.arguments.dropFirst(2)) else { return nil }
            return node.finding(
                Self.id, .warning, at: statement, word: word,
                "`\(word.value)` is a pattern of the acl `\(statement.argument(0) ?? "")`, not an operator",
                effect: "what stands behind it is compared as text, and never looked at as a condition",
                fix: "write an `acl` line for each part; lines of one name are joined by \"or\"")
        }
    }

    /// The first word that is meant as an operator.
    private static func misread(_ words: ArraySlice<HAProxyFile.Word>) -> HAProxyFile.Word? {
        var words = words
        // The flags come first; those with a value take the next word.
        while let word = words.first, word.value.hasPrefix("-") {
            words.removeFirst()
            if word.value == "--" { break }
            if ["-m", "-f", "-M", "-u", "-n"].contains(word.value), word.value != "-M", word.value != "-n" {
                words = words.dropFirst()
            }
        }
        var previous: HAProxyFile.Word?
        for word in words {
            switch word.value {
            case "||", "&&": return word
            case "-m" where previous != nil: return word
            default: break
            }
            if let previous, previous.value == "or" || previous.value == "and", isFetch(word.value) {
                return previous
            }
            previous = word
        }
        return nil
    }

    private static func isFetch(_ word: String) -> Bool {
        let name = String(word.prefix { $0 != "(" && $0 != "," })
        return fetches.contains(name)
    }

    /// What acl lines look at most (configuration.txt, 7.3).
    private static let fetches: Set<String> = [
        "path", "path_beg", "path_end", "path_reg", "path_sub", "path_dir", "path_len", "path_dom", "method",
        "src",
        "dst", "dst_port", "src_port", "hdr", "hdr_beg", "hdr_end", "hdr_dom", "hdr_reg", "hdr_sub",
        "hdr_cnt",
        "req.hdr", "req.cook", "url", "url_beg", "url_param", "urlp", "ssl_fc", "ssl_fc_sni", "req_ssl_sni",
        "req.ssl_sni", "nbsrv", "var", "http_auth", "cook", "base", "base_beg", "query",
    ]
}
