import HAProxy

/// A limit that is never reached.
///
/// - Condition: The `maxconn` of a proxy, or of its `defaults`, is above that of `global`.
/// - Why: The process stops accepting at the global limit, for all proxies at once: connections wait in the kernel, and
///   nothing says so. Without a global `maxconn` the limit follows from the file descriptors.
/// - Remedy: Raise the global `maxconn` above the sum of the proxies', or lower theirs.
struct HAMaxconn: NodeRule {
    static let id = "ha-maxconn"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let limit = haproxy.maxconn else { return [] }
        var seen: Set<HAProxyFile.Location> = []
        return haproxy.proxies.compactMap { proxy in
            guard proxy.isFrontend, let statement = proxy.setting("maxconn"),
                let number = statement.argument(0).flatMap({ Int($0) }), number > limit.value,
                seen.insert(statement.location).inserted
            else { return nil }
            return node.finding(
                Self.id, .warning, at: statement,
                "`maxconn \(number)` of `\(proxy.title)` is above the \(limit.value) of the whole process",
                effect: "haproxy stops accepting at \(limit.value), for all proxies at once",
                fix: "write a `maxconn` in `global` that is above the sum of the proxies'",
                evidence: [Evidence(at: limit.location, "maxconn \(limit.value)")])
        }
    }
}
