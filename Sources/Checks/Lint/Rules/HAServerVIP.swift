import Addresses
import HAProxy
import Keepalived

/// A server that is the virtual address itself.
///
/// - Condition: The address of a server is a virtual address of the same node, and haproxy listens on that address and port.
/// - Why: haproxy connects to itself until it has no connections left.
/// - Remedy: Write the server's own address.
struct HAServerVIP: NodeRule {
    static let id = "ha-server-vip"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        let virtual = Set(node.instances.flatMap(\.allAddresses).map(\.address))
        guard !virtual.isEmpty else { return [] }
        // Where it listens on every address, by the port alone.
        let listening = Set(haproxy.binds.map { "\($0.endpoint.isAny ? "" : $0.endpoint.host) \($0.port)" })
        return haproxy.servers.compactMap { server in
            guard let address = server.endpoint.address, virtual.contains(address),
                let port = server.endpoint.port,
                listening.contains(" \(port)") || listening.contains("\(server.endpoint.host) \(port)")
            else { return nil }
            return node.finding(
                Self.id, .error, at: server.location,
                "the server `\(server.name)` is \(server.endpoint.text), where this haproxy listens",
                effect: "haproxy connects to itself until it has no connections left",
                fix: "write the server's own address",
                evidence: [Evidence(at: server.location, "server \(server.name) \(server.endpoint.text)")])
        }
    }
}
