import HAProxy

/// A state file that overrides the configuration.
///
/// - Condition: `load-server-state-from-file` is `global` or `local`, and a server of that proxy has a fixed port.
/// - Why: haproxy takes addresses, ports and weights of servers that keep their names from the file: a changed port in the
///   configuration has no effect after a reload, and nothing says so.
/// - Remedy: When the address or port of a server changes, rename the server or remove the state file before the reload.
struct HAStateFile: NodeRule {
    static let id = "ha-statefile"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        var seen: Set<HAProxyFile.Location> = []
        return haproxy.proxies.compactMap { proxy in
            guard proxy.isBackend, let statement = proxy.setting("load-server-state-from-file"),
                ["global", "local"].contains(statement.argument(0)),
                proxy.servers.contains(where: { $0.endpoint.port != nil }),
                seen.insert(statement.location).inserted
            else { return nil }
            return node.finding(
                Self.id, .info, at: statement,
                "a state file decides on the addresses, ports and weights of `\(proxy.title)`",
                effect: "a port that is changed here has no effect after a reload, and nothing says so",
                fix:
                    "rename a server whose address or port changes, or remove the state file before the reload"
            )
        }
    }
}
