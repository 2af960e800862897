import HAProxy

/// Servers that are never checked.
///
/// - Condition: A backend has a check (`option httpchk`, `tcp-check` and their like), and a server of it has no `check`; or
///   none of several servers has one.
/// - Why: haproxy sends requests to a server that is dead: a part of them fails for as long as it is down.
/// - Remedy: Write `check` behind the servers, or `default-server check`.
struct HACheckMissing: NodeRule {
    static let id = "ha-check-missing"

    private static let checks = [
        "httpchk", "tcp-check", "pgsql-check", "mysql-check", "redis-check", "smtpchk", "ldap-check",
        "ssl-hello-chk", "external-check", "spop-check",
    ]

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.proxies.compactMap { proxy in
            guard proxy.isBackend else { return nil }
            let servers = proxy.servers
            let unchecked = servers.filter {
                !$0.has("check") && $0.value("track") == nil && !$0.has("agent-check") && !$0.has("disabled")
                    && !$0.options.unknown.contains(where: \.hasVariables)
            }
            guard let first = unchecked.first else { return nil }
            let option = Self.checks.first(where: proxy.hasOption).flatMap {
                proxy.ownSetting("option \($0)")
            }
            let names = unchecked.prefix(3).map { "`\($0.name)`" }.joined(separator: ", ")
            if let option, !first.options.has("no-check") {
                return node.finding(
                    Self.id, .warning, at: first.location,
                    "`\(proxy.title)` has `\(option.setting)`, and \(names) \(unchecked.count == 1 ? "has" : "have") no `check`",
                    effect: "haproxy sends requests to a server that is dead",
                    fix: "write `check` behind the server",
                    evidence: [
                        Evidence(at: first.location, "server \(first.name)"),
                        Evidence(at: option.location, option.setting),
                    ])
            }
            guard option == nil, servers.count > 1, unchecked.count == servers.count else { return nil }
            return node.finding(
                Self.id, .info, at: first.location,
                "`\(proxy.title)` checks none of its \(servers.count) servers",
                effect: "haproxy sends requests to a server that is dead",
                fix: "write `default-server check`, or `check` behind each server",
                evidence: [Evidence(at: first.location, "server \(first.name)")])
        }
    }
}
