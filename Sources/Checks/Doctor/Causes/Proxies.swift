import Addresses
import Facts
import Keepalived
import Remote

/// haproxy cannot listen on its address, so it does not run.
///
/// Condition: it is configured, does not run, and its log says that it could not bind.
/// Why: most often the address is virtual and on another node just now, and `ip_nonlocal_bind` is 0: then haproxy
/// starts on the MASTER only, and is missing on the node that takes over.
/// Remedy: `net.ipv4.ip_nonlocal_bind` and `net.ipv6.ip_nonlocal_bind` 1, in a file under /etc/sysctl.d; or free
/// the port.
struct ProxyCannotBind: Cause {
    static let id = "haproxy-cannot-bind"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.reachable.compactMap { node -> Diagnosis? in
            guard patient.unexplained.contains(.proxyDown(node: node.name)),
                let line = node.after?.known(HAProxyHealthFact.self)?.log.last(where: {
                    $0.contains("annot bind")
                })
            else { return nil }
            let settings = node.after?.known(SysctlFact.self) ?? [:]
            let off = ["net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"].filter {
                settings[$0] == "0"
            }
            let isTaken = line.contains("already in use")
            return Diagnosis(
                Self.id, nodes: [node.name], "haproxy does not run on \(node.name): it cannot bind",
                effect: "nobody would be served by \(node.name) after a failover",
                fix: isTaken
                    ? "ss -ltnp on \(node.name) names who has the port; then systemctl start haproxy"
                    : "sysctl -w net.ipv4.ip_nonlocal_bind=1 (and in /etc/sysctl.d), then systemctl restart haproxy",
                evidence: ["\(node.name)'s journal: \(line)", node.serviceWords("haproxy")]
                    + (isTaken ? [] : off.map { "\(node.name): \($0) = 0" }),
                explains: [.proxyDown(node: node.name)])
        }
    }
}

/// The owner of the addresses has no haproxy, and keeps them.
///
/// Condition: haproxy is configured and does not run on the node that holds an address.
/// Why: no check watches it, or the check cannot move the address.
/// Remedy: start haproxy; then a check without weight, or with enough of it.
struct ProxyDownAddressStays: Cause {
    static let id = "haproxy-down-vip-stays"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.reachable.compactMap { node -> Diagnosis? in
            let vips = patient.after.filter { $0.trueOwner == node.id }.map(\.vip)
            guard patient.unexplained.contains(.proxyDown(node: node.name)), !vips.isEmpty else { return nil }
            let checks = node.configuration?.instances.flatMap(\.trackScripts).map(\.name).uniqued() ?? []
            let words = vips.map(\.description)
            return Diagnosis(
                Self.id, nodes: [node.name],
                "haproxy does not run on \(node.name), which holds \(joined(words))",
                effect: "connections to \(joined(words)) are refused",
                fix:
                    "systemctl start haproxy on \(node.name); then let keepalived track it (a script without weight)",
                evidence: [
                    node.serviceWords("haproxy"),
                    checks.isEmpty
                        ? "\(node.name): keepalived tracks no script"
                        : "\(node.name): keepalived tracks \(joined(checks))",
                ] + vips.flatMap { patient.testimony(on: $0) }, explains: [.proxyDown(node: node.name)])
        }
    }
}

/// No server of a backend is up.
///
/// Condition: haproxy says so, over its socket or in its log.
/// Why: requests end with 503, whoever holds the address.
/// Remedy: look at the servers, then at the check that haproxy makes.
struct BackendDown: Cause {
    static let id = "backend-all-down"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        var seen: [String: [(DoctorNode, [String])]] = [:]
        for node in patient.reachable where patient.isProxyRunning(on: node) {
            guard let health = node.after?.known(HAProxyHealthFact.self) else { continue }
            for (backend, evidence) in down(health) { seen[backend, default: []].append((node, evidence)) }
        }
        return seen.sorted { $0.key < $1.key }.map { backend, nodes in
            let names = nodes.map(\.0.name)
            return Diagnosis(
                Self.id, nodes: names,
                "backend `\(backend)` has no server that is up, as \(joined(names)) \(names.count == 1 ? "sees" : "see") it",
                effect: "every request to it ends with 503",
                fix: "look at the servers of `\(backend)`; if they are well, at the check that haproxy makes",
                evidence: nodes.flatMap { node, lines in lines.map { "\(node.name): \($0)" } })
        }
    }

    private func down(_ health: HAProxyHealth) -> [(String, [String])] {
        if !health.rows.isEmpty {
            return health.rows.filter { $0.server == "BACKEND" && $0.status == "DOWN" }.map { row in
                let servers = health.rows.filter {
                    $0.proxy == row.proxy && !["BACKEND", "FRONTEND"].contains($0.server)
                }
                return (row.proxy, servers.map { "\($0.proxy)/\($0.server) is \($0.status) \($0.check)" })
            }
        }
        // Without a socket the log's last word on each backend counts.
        var last: [String: (isDown: Bool, line: String)] = [:]
        for line in health.log {
            if line.contains("no server available") {
                let words = line.split { " '".contains($0) }
                if let index = words.firstIndex(of: "backend"), words.indices.contains(index + 1) {
                    last[String(words[index + 1])] = (true, line)
                }
            } else if line.contains(" is UP"),
                let server = line.split(separator: " ").first(where: { $0.contains("/") })
            {
                last[String(server.prefix { $0 != "/" })] = (false, line)
            }
        }
        return last.filter(\.value.isDown).map { ($0.key, [$0.value.line]) }
    }
}
