import HAProxy

/// A path that is denied in one spelling.
///
/// - Condition: `http-request deny` is for requests whose `path_beg`, `path` or `path_dir` matches, and the section does not
///   normalise paths (`http-request normalize-uri`, since 2.4).
/// - Why: `//admin`, `/./admin` and `/%61dmin` do not begin with `/admin`, and most servers serve them as the same.
/// - Remedy: Write `http-request normalize-uri path-merge-slashes` and `path-strip-dotdot` before it, or allow what is wanted
///   and deny the rest.
struct HAPathDeny: NodeRule {
    static let id = "ha-path-deny"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.proxies.flatMap { proxy -> [Finding] in
            let rules = proxy.all("http-request")
            guard !rules.contains(where: { $0.argument(0) == "normalize-uri" }) else { return [] }
            let paths = Set(
                proxy.all("acl").filter { Self.isPath($0.argument(1) ?? "") }.compactMap { $0.argument(0) })
            return rules.compactMap { rule in
                guard rule.argument(0) == "deny", denies(rule.arguments, paths) else { return nil }
                return node.finding(
                    Self.id, .info, at: rule, "`\(proxy.title)` denies a path in one spelling only",
                    effect: "`//PATH` and `/./PATH` pass, and most servers serve them as the same",
                    fix:
                        "write `http-request normalize-uri path-merge-slashes` before it, since 2.4 with `expose-experimental-directives`"
                )
            }
        }
    }

    private static func isPath(_ fetch: String) -> Bool {
        ["path_beg", "path", "path_dir"].contains(String(fetch.prefix { $0 != "," && $0 != "(" }))
    }

    /// Whether a rule denies what has such a path: `if`, without a `!` before it.
    private func denies(_ words: ArraySlice<HAProxyFile.Word>, _ paths: Set<String>) -> Bool {
        guard let condition = words.firstIndex(where: { $0.value == "if" }) else { return false }
        var previous = ""
        for word in words[(condition + 1)...] {
            if paths.contains(word.value), previous != "!" { return true }
            if Self.isPath(word.value), previous == "{" { return true }
            previous = word.value
        }
        return false
    }
}
