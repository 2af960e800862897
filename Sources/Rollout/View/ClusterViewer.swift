import Addresses
import Facts
import Inventory
import Remote

/// Asks all nodes of a cluster at once and makes a ``ClusterView`` of their answers.
struct ClusterViewer: Sendable {
    var transport: any Transport
    var cluster: Cluster

    private var probe: Probe {
        Probe([SystemFact(), InterfacesFact(), ServicesFact(), HAProxyFact(), RolesFact()])
    }

    func look() async -> ClusterView {
        let probe = probe
        let transport = transport
        let answers = await fanOut(over: cluster.nodes.map(\.target), window: cluster.nodes.count) { target in
            await transport.facts(of: target, probe)
        }
        var view = ClusterView(nodes: [:])
        for (node, answer) in zip(cluster.nodes, answers) {
            switch answer {
            case .success(let facts): view.nodes[node.id] = nodeView(facts)
            case .failure(let error): view.silent[node.id] = error.description
            }
        }
        return view
    }

    private func nodeView(_ facts: HostFacts) -> NodeView {
        let services = facts.known(ServicesFact.self) ?? [:]
        let runs = services["keepalived"]?.isRunning ?? false
        let roles = runs ? facts.known(RolesFact.self) ?? [:] : [:]
        let held = Set((facts.known(InterfacesFact.self) ?? []).flatMap { $0.addresses.map(\.cidr.address) })
        let virtual = Set(cluster.virtualAddresses.map(\.vip.cidr.address))
        let haproxy = facts.known(HAProxyFact.self)
        let binds = (cluster.haproxy?.frontends ?? []).flatMap(\.binds)
        return NodeView(
            keepalivedRuns: runs, haproxyRuns: services["haproxy"]?.isRunning ?? false,
            roles: roles.mapValues(\.role), priorities: roles.compactMapValues(\.priority),
            holds: held.intersection(virtual),
            silentBinds: binds.filter { bind in
                guard let haproxy, let endpoint = Self.endpoint(of: bind) else { return false }
                return !haproxy.accepts(endpoint.address, port: endpoint.port)
            })
    }

    /// `203.0.113.50:80`, `[2001:db8::50]:443 ssl …`, `*:8080`, `:80`; `nil` for what is no TCP address, such as a
    /// socket's path or a range of ports.
    static func endpoint(of bind: String) -> (address: IPAddress?, port: Int)? {
        guard let first = bind.split(separator: " ").first, let colon = first.lastIndex(of: ":"),
            let port = Int(first[first.index(after: colon)...])
        else { return nil }
        var host = first[..<colon]
        for family in ["ipv4@", "ipv6@"] where host.hasPrefix(family) { host = host.dropFirst(family.count) }
        if host.isEmpty || host == "*" { return (nil, port) }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(host) else { return nil }
        return (address == .v4(0) ? nil : address, port)
    }
}
