import HAProxy

/// A check over HTTP/1.1 without a Host.
///
/// - Condition: `option httpchk` or `http-check send` says `HTTP/1.1`, and neither gives a `Host` header.
/// - Why: HTTP/1.1 demands the header: servers answer 400, and all of them are DOWN. `haproxy -c` says nothing.
/// - Remedy: Write `http-check send meth GET uri /PATH ver HTTP/1.1 hdr Host NAME`.
struct HAHTTPCheckHost: NodeRule {
    static let id = "ha-httpchk-host"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.proxies.compactMap { proxy in
            guard proxy.isBackend, proxy.hasOption("httpchk"), let option = proxy.setting("option httpchk")
            else {
                return nil
            }
            let checks = proxy.all("http-check").filter { $0.argument(0) == "send" }
            let lines = [option] + checks
            guard let line = lines.first(where: { $0.arguments.contains { $0.value.hasPrefix("HTTP/1.1") } }),
                !lines.contains(where: hasHost)
            else { return nil }
            return node.finding(
                Self.id, .warning, at: line,
                "the check of `\(proxy.title)` speaks HTTP/1.1 without a `Host` header",
                effect: "servers answer 400, and haproxy takes them for DOWN",
                fix: "write `http-check send meth GET uri /PATH ver HTTP/1.1 hdr Host NAME`")
        }
    }

    private func hasHost(_ statement: HAProxyStatement) -> Bool {
        statement.arguments.contains { word in
            let text = word.value.lowercased()
            return text == "host" || text.contains("host:")
        }
    }
}
