import Facts

/// haproxy, a frontend or a server has as many connections as its `maxconn` lets it have.
///
/// Condition: haproxy reports the number and the limit over its socket.
/// Why: a further connection waits, in the kernel for haproxy and its frontends, in a queue for a server, until another ends;
/// clients see a service that hangs.
/// Remedy: find out whose connections they are; raise `maxconn`, and the limit of descriptors with it.
struct MaxconnReached: ProxyWarningCause {
    static let id = DoctorID.haproxyMaxconn

    func warnings(of health: HAProxyHealth, since earlier: HAProxyHealth?) -> [ProxyWarning] {
        let processes = health.processes.compactMap { process -> ProxyWarning? in
            guard let now = process.connections, let limit = process.connectionsLimit, now >= limit else {
                return nil
            }
            return warning(
                "haproxy has all the connections that its `maxconn` allows: \(now) of \(limit)",
                "a new connection waits in the kernel until another one ends",
                "show info: CurrConns \(now), Maxconn \(limit)")
        }
        let rows = health.rows.compactMap { row -> ProxyWarning? in
            guard row.kind == .frontend || row.kind == .server, let now = row.sessions,
                let limit = row.sessionsLimit, now >= limit
            else { return nil }
            let isServer = row.kind == .server
            let name =
                isServer ? "server `\(row.server)` of backend `\(row.proxy)`" : "frontend `\(row.proxy)`"
            return warning(
                "\(name) has all the sessions that its `maxconn` allows: \(now) of \(limit)",
                isServer
                    ? "a request to it waits in a queue until another one ends"
                    : "a new connection waits in the kernel until another one ends",
                "show stat: \(row.proxy),\(row.server) scur \(now), slim \(limit)")
        }
        return processes + rows
    }

    private func warning(_ words: String, _ effect: String, _ evidence: String) -> ProxyWarning {
        ProxyWarning(
            id: Self.id, words: words, effect: effect,
            fix: "see whose they are (show sess on its socket); then raise `maxconn`, or add a server",
            evidence: [evidence], isCounted: true)
    }
}
