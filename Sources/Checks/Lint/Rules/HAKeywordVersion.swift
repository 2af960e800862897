import HAProxy

/// A keyword of another release of haproxy.
///
/// - Condition: haproxy's release is known, by the node or by `--haproxy-version`, and it does not have the keyword, the
///   section or the option yet, has it no more, or warns that a later release will not have it.
/// - Why: haproxy does not start with a word that it does not know. 2.1 left out the `req…` and `rsp…` keywords, 2.5 `nbproc`
///   and `grace`, 2.7 `bind-process`, 3.3 `program`; 3.5 leaves out `dispatch`, `option transparent` and `master-worker`.
/// - Remedy: Write what the release has instead, or condition the lines with `.if version_atleast(…)`.
struct HAKeywordVersion: NodeRule {
    static let id = "ha-keyword-version"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let version = haproxy.version else { return [] }
        return haproxy.keywordUses.compactMap { use in
            guard let known = use.known else { return nil }
            if !known.isKnown(to: version) { return unknown(use, known, version, node) }
            guard let deprecation = Self.deprecations[use.text], deprecation.since <= version.branch else {
                return nil
            }
            return node.finding(
                Self.id, .warning, at: use.statement, word: use.word,
                "`\(use.text)` is deprecated since \(deprecation.since.branchName)",
                effect: deprecation.effect, fix: deprecation.instead)
        }
    }

    private func unknown(
        _ use: HAProxyConfiguration.KeywordUse, _ known: HAProxyKeywords.Keyword, _ version: HAProxyVersion,
        _ node: LintNode
    ) -> Finding {
        let isNewer = known.since.map { $0 > version.branch } ?? false
        return node.finding(
            Self.id, .error, at: use.statement, word: use.word,
            isNewer
                ? "`\(use.text)` came with \(known.since?.branchName ?? ""), and this is \(version.branchName)"
                : "`\(use.text)` is not in \(version.branchName): \(known.until?.branchName ?? "") was the last to have it",
            effect: "haproxy does not start",
            fix: isNewer
                ? "remove it for this release, or put it between `.if version_atleast(\(known.since?.branchName ?? ""))` and `.endif`"
                : Self.successors[known.name] ?? "remove it, or write what this release has instead")
    }

    private struct Deprecation {
        var since: HAProxyVersion
        var effect: String
        var instead: String
    }

    /// What the sources of 3.4 say when they warn.
    private static let deprecations: [String: Deprecation] = {
        let later = "haproxy warns, and 3.5 does not have it"
        return [
            "section program": Deprecation(
                since: HAProxyVersion(3, 1), effect: "haproxy warns, and 3.3 does not have it",
                instead: "let the service manager start the program"),
            "dispatch": Deprecation(
                since: HAProxyVersion(3, 3), effect: later, instead: "write a `server` with that address"),
            "option transparent": Deprecation(
                since: HAProxyVersion(3, 3), effect: later,
                instead: "write `server` with the address `0.0.0.0`"),
            "master-worker": Deprecation(
                since: HAProxyVersion(3, 3), effect: later, instead: "start haproxy with -W or -Ws"),
            "bind-process": Deprecation(
                since: HAProxyVersion(2, 5), effect: "it has no effect, and 2.7 does not have it",
                instead: "remove the line"),
            "bind … process": Deprecation(
                since: HAProxyVersion(2, 5), effect: "haproxy warns, and 2.7 does not have it",
                instead: "write `thread`, or nothing"),
            "option accept-invalid-http-request": Deprecation(
                since: HAProxyVersion(3, 1), effect: "haproxy warns",
                instead: "write `option accept-unsafe-violations-in-http-request` if it must be"),
            "option accept-invalid-http-response": Deprecation(
                since: HAProxyVersion(3, 1), effect: "haproxy warns",
                instead: "write `option accept-unsafe-violations-in-http-response` if it must be"),
        ]
    }()

    private static let successors: [String: String] = [
        "reqadd": "write `http-request add-header NAME VALUE`",
        "rspadd": "write `http-response add-header NAME VALUE`",
        "reqrep": "write `http-request replace-header` or `replace-path`",
        "reqirep": "write `http-request replace-header` or `replace-path`",
        "rsprep": "write `http-response replace-header`", "rspirep": "write `http-response replace-header`",
        "reqdel": "write `http-request del-header`", "reqidel": "write `http-request del-header`",
        "rspdel": "write `http-response del-header`", "rspidel": "write `http-response del-header`",
        "reqdeny": "write `http-request deny`", "reqideny": "write `http-request deny`",
        "block": "write `http-request deny`, with the same condition",
        "clitimeout": "write `timeout client`", "srvtimeout": "write `timeout server`",
        "contimeout": "write `timeout connect`", "redispatch": "write `option redispatch`",
        "redisp": "write `option redispatch`", "nbproc": "write `nbthread`, or nothing",
        "grace": "write `grace` in `global`", "bind-process": "remove the line",
        "monitor-net": "write `http-request return status 200 if { src NETWORK }`",
        "forceclose": "write `option httpclose`", "http-tunnel": "remove it",
        "http-use-htx": "remove it: HTX is always used", "http_proxy": "write `http-request do-resolve`",
        "program": "let the service manager start the program",
    ]
}
