import Addresses
import HAProxy
import Keepalived

/// haproxy binds an address that a BACKUP does not have.
///
/// - Condition: haproxy binds a virtual address, `ip_nonlocal_bind` of that address family is 0, and the bind has no
///   `transparent`.
/// - Why: haproxy does not start on the BACKUP (`cannot bind socket`), so a failover leads to a node without the
///   service. The IPv4 sysctl does not cover IPv6.
/// - Remedy: Set the sysctl of the address family before haproxy starts.
struct HABindVIP: NodeRule {
    static let id = "ha-bind-vip"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let facts = node.facts else { return [] }
        let virtual = Set(node.instances.flatMap(\.allAddresses).map(\.address))
        return haproxy.binds.filter { bind in
            guard let address = bind.address, virtual.contains(address), !bind.isTransparent else {
                return false
            }
            return facts.sysctls[sysctl(address)] == "0"
        }.map { bind in
            let name = bind.address.map(sysctl) ?? ""
            return Finding(
                id: Self.id, severity: .error, nodes: [node.name], file: bind.location.file,
                line: bind.location.line,
                column: bind.location.column,
                message: "`\(bind.section)` binds the virtual address \(bind.text) and `\(name)` is 0",
                effect: "haproxy cannot start while this node is BACKUP",
                fix: "set `\(name) = 1` now and in sysctl.d",
                evidence: [
                    Evidence(at: bind.location, "bind \(bind.text)"), Evidence(.kernel, "\(name) = 0"),
                ])
        }
    }

    private func sysctl(_ address: IPAddress) -> String {
        address.isIPv6 ? "net.ipv6.ip_nonlocal_bind" : "net.ipv4.ip_nonlocal_bind"
    }
}
