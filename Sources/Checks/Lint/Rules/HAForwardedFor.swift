import HAProxy

/// A client's address that clients may forge.
///
/// - Condition: `option forwardfor` is on in an HTTP frontend, and no rule deletes or sets `X-Forwarded-For` there.
/// - Why: haproxy appends its header and leaves those that the client has sent: a server that reads the first believes the
///   client.
/// - Remedy: Write `http-request set-header X-Forwarded-For %[src]`, or delete the header before.
struct HAForwardedFor: NodeRule {
    static let id = "ha-forwarded-for"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        var seen: Set<HAProxyFile.Location> = []
        return haproxy.proxies.compactMap { proxy in
            guard proxy.isFrontend, proxy.mode == "http", proxy.hasOption("forwardfor"),
                let statement = proxy.setting("option forwardfor"),
                !proxy.statements.contains(where: removes), seen.insert(statement.location).inserted
            else { return nil }
            return node.finding(
                Self.id, .info, at: statement,
                "`\(proxy.title)` passes the client's own `X-Forwarded-For` on",
                effect: "a server that reads the first of these headers believes whatever the client writes",
                fix: "write `http-request set-header X-Forwarded-For %[src]` instead")
        }
    }

    private func removes(_ statement: HAProxyStatement) -> Bool {
        statement.keyword == "http-request"
            && ["del-header", "set-header", "replace-header"].contains(statement.argument(0))
            && statement.argument(1)?.lowercased() == "x-forwarded-for"
    }
}
