import Facts

/// Connections to a server fail and are tried again.
///
/// Condition: between two looks at haproxy's statistics a server has got a redispatch, or two retries that are at least one
/// in a hundred of its new sessions.
/// Why: it refuses or does not answer in time while its check passes, or it has none; clients wait for each attempt.
/// Remedy: see why the server does not take connections: its own limit, its backlog, the path to it; give it a check.
struct RetriesRise: ProxyWarningCause {
    static let id = DoctorID.backendRetries

    func warnings(of health: HAProxyHealth, since earlier: HAProxyHealth?) -> [ProxyWarning] {
        RowGrowth.all(in: health, since: earlier).compactMap { growth in
            let row = growth.second
            guard row.kind == .server else { return nil }
            let retries = growth.of(\.retries) ?? 0
            let redispatches = growth.of(\.redispatches) ?? 0
            let sessions = growth.of(\.sessionsTotal) ?? 0
            guard redispatches > 0 || retries > 1 && retries * 100 >= sessions else { return nil }
            func counted(_ name: String, _ counter: KeyPath<HAProxyHealth.Row, Int?>) -> String {
                func word(_ row: HAProxyHealth.Row) -> String {
                    row[keyPath: counter].map(String.init) ?? "?"
                }
                return "\(name) \(word(growth.first)), then \(word(row))"
            }
            return ProxyWarning(
                id: Self.id,
                words:
                    "connections to server `\(row.server)` of backend `\(row.proxy)` fail and are tried again",
                effect: redispatches > 0
                    ? "its clients wait for each attempt, and get another server"
                    : "its clients wait for each attempt",
                fix: "see why \(row.server) does not take connections; a check would take it out of service",
                evidence: [
                    "show stat: \(row.proxy)/\(row.server) "
                        + [counted("wretr", \.retries), counted("wredis", \.redispatches)].joined(
                            separator: "; ")
                ], isCounted: true)
        }
    }
}
