import HAProxy

/// A server by a name that must resolve for haproxy to start.
///
/// - Condition: A server's address is a name other than `localhost`, and no `init-addr` in force has `none` or an address.
/// - Why: haproxy resolves names when it starts, and does not start where one does not resolve: while DNS is down, a reload
///   fails and a reboot leaves the node without the service.
/// - Remedy: Write `default-server init-addr last,libc,none` and a `resolvers` section that finds the address later.
struct HAResolveBoot: NodeRule {
    static let id = "ha-resolve-boot"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.proxies.flatMap { proxy in
            proxy.servers.compactMap { server in
                let host = server.endpoint.host
                guard !server.isTemplate, server.endpoint.address == nil, !server.endpoint.isAny,
                    host != "localhost", !host.contains("$"), !host.contains("%"), !host.contains("@"),
                    host.contains(where: \.isLetter), !staysWithout(server)
                else { return nil }
                return node.finding(
                    Self.id, .info, at: server.location,
                    "`\(proxy.title)`: haproxy does not start while `\(host)` does not resolve",
                    effect:
                        "while DNS is down, a reload fails and a reboot leaves the node without the service",
                    fix: "write `init-addr last,libc,none` and `resolvers NAME`",
                    evidence: [Evidence(at: server.location, "server \(server.name) \(server.endpoint.text)")]
                )
            }
        }
    }

    /// Whether haproxy starts without the address: `none`, or an address to begin with.
    private func staysWithout(_ server: HAProxyConfiguration.Server) -> Bool {
        let methods = server.value("init-addr")?.split(separator: ",") ?? []
        return methods.contains { $0 != "last" && $0 != "libc" }
    }
}
