import HAProxy

/// Connections that stay with a database that is down.
///
/// - Condition: A section in `mode tcp` serves a database (by its port, or by a check for the primary), its `timeout server`
///   is five minutes or more, a server is checked, and `on-marked-down shutdown-sessions` is not set.
/// - Why: When the primary moves, connections that are open stay with the old one until the timeout; clients hang, or write
///   to a node that is read-only.
/// - Remedy: Write `on-marked-down shutdown-sessions` in `default-server`.
struct HAMarkedDown: NodeRule {
    static let id = "ha-marked-down"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.proxies.compactMap { proxy in
            guard proxy.isBackend, proxy.mode == "tcp", let timeout = proxy.setting("timeout server"),
                let time = timeout.argument(1).flatMap(HAProxyTime.init), time.milliseconds >= 300_000
            else { return nil }
            let servers = proxy.servers.filter { $0.has("check") && $0.value("on-marked-down") == nil }
            guard let server = servers.first, isDatabase(proxy, servers) else { return nil }
            return node.finding(
                Self.id, .warning, at: server.location,
                "`\(proxy.title)`: connections stay with `\(server.name)` when it is down, for `timeout server \(timeout.argument(1) ?? "")`",
                effect: "after the primary moves, clients hang or write to a node that is read-only",
                fix: "write `on-marked-down shutdown-sessions` in `default-server`",
                evidence: [
                    Evidence(at: server.location, "server \(server.name)"),
                    Evidence(at: timeout.location, timeout.text),
                ])
        }
    }

    private func isDatabase(_ proxy: HAProxyProxy, _ servers: [HAProxyConfiguration.Server]) -> Bool {
        if ["pgsql-check", "mysql-check", "redis-check"].contains(where: proxy.hasOption) { return true }
        let check = proxy.setting("option httpchk")?.arguments.map(\.value) ?? []
        if check.contains(where: { Self.roles.contains($0) }) { return true }
        return servers.contains { Self.ports.contains($0.endpoint.port ?? "") }
    }

    /// What Patroni and its like answer for.
    private static let roles: Set<String> = ["/master", "/primary", "/leader", "/read-write", "/replica"]
    /// PostgreSQL, MySQL, Redis, SQL Server, MongoDB, Oracle.
    private static let ports: Set<String> = ["5432", "3306", "6379", "1433", "27017", "1521"]
}
