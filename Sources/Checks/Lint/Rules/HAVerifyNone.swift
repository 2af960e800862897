import HAProxy

/// TLS to a server that may be anyone.
///
/// - Condition: A server with `ssl` has `verify none`, or `ssl-server-verify none` is in `global`.
/// - Why: Whoever stands between haproxy and the server can read and change everything.
/// - Remedy: Write `verify required ca-file FILE`.
struct HAVerifyNone: NodeRule {
    static let id = "ha-verify-none"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        let isGlobal = haproxy.global("ssl-server-verify")?.argument(0) == "none"
        return haproxy.proxies.flatMap { proxy in
            proxy.servers.filter { server in
                server.has("ssl") && (server.value("verify") ?? (isGlobal ? "none" : "")) == "none"
            }.prefix(1).map { server in
                node.finding(
                    Self.id, .info, at: server.location,
                    "`\(proxy.title)` does not verify the certificate of `\(server.name)`",
                    effect: "whoever stands between them can read and change everything",
                    fix: "write `verify required ca-file FILE`",
                    evidence: [Evidence(at: server.location, "server \(server.name)")])
            }
        }
    }
}
