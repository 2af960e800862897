import HAProxy

/// Statistics for everyone.
///
/// - Condition: A section has `stats enable` or `stats uri`, neither `stats auth` nor a rule that denies or asks for a
///   password, and listens on something else than the loopback or a socket.
/// - Why: Everyone who reaches the port sees all servers; with `stats admin` everyone takes servers out of service.
/// - Remedy: Bind it to 127.0.0.1, or write `stats auth` or `http-request deny unless { src NETWORK }`.
struct HAStatsOpen: NodeRule {
    static let id = "ha-stats-open"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        let reachable = Set(haproxy.binds.filter { $0.address?.isLoopback != true }.map(\.section))
        return haproxy.proxies.compactMap { proxy in
            guard reachable.contains(proxy.title), proxy.mode == "http",
                let statement = proxy.ownSetting("stats enable") ?? proxy.ownSetting("stats uri"),
                !isGuarded(proxy)
            else { return nil }
            let admin = proxy.setting("stats admin")
            return node.finding(
                Self.id, .warning, at: admin ?? statement,
                "`\(proxy.title)` shows its statistics to everyone"
                    + (admin == nil ? "" : ", and lets everyone stop servers"),
                effect: admin == nil
                    ? "everyone who reaches the port sees all servers"
                    : "everyone who reaches the port takes servers out of service",
                fix:
                    "bind it to 127.0.0.1, or write `stats auth` or `http-request deny unless { src NETWORK }`"
            )
        }
    }

    private func isGuarded(_ proxy: HAProxyProxy) -> Bool {
        if proxy.setting("stats auth") != nil { return true }
        return proxy.statements.contains { statement in
            let words = statement.arguments.map(\.value)
            switch statement.keyword {
            case "http-request": return ["deny", "auth", "tarpit", "reject"].contains(words.first)
            case "stats": return words.first == "http-request" && words.dropFirst().first != "allow"
            case "tcp-request": return words.contains("reject") || words.contains("silent-drop")
            case "bind": return words.contains("verify") && words.contains("required")
            default: return false
            }
        }
    }
}
