import Facts

/// More and more requests wait for a server.
///
/// Condition: two looks at haproxy's statistics find requests in a backend's queue, and more in the second one.
/// Why: its servers have as many sessions as their `maxconn` allows, and get more than they end; who waits for longer than
/// `timeout queue` gets 503.
/// Remedy: see why the servers are slow; add one, or raise their `maxconn` where they could serve more.
struct QueueGrows: ProxyWarningCause {
    static let id = DoctorID.backendQueue

    func warnings(of health: HAProxyHealth, since earlier: HAProxyHealth?) -> [ProxyWarning] {
        let growth = Dictionary(
            grouping: RowGrowth.all(in: health, since: earlier).filter { $0.first.kind != .frontend },
            by: \.first.proxy)
        return health.rows.filter { $0.kind == .backend }.compactMap { backend in
            // A server has a queue too, for requests that must go to it.
            let rows = growth[backend.proxy] ?? []
            let before = rows.compactMap(\.first.queue).reduce(0, +)
            let after = rows.compactMap(\.second.queue).reduce(0, +)
            guard before > 0, after > before else { return nil }
            return ProxyWarning(
                id: Self.id, words: "the queue of backend `\(backend.proxy)` grows",
                effect: "requests wait for a server, and get 503 after `timeout queue`",
                fix: "see why the servers of `\(backend.proxy)` are slow; add one, or raise their `maxconn`",
                evidence: ["show stat: \(backend.proxy) qcur \(before), then \(after)"], isCounted: true)
        }
    }
}
