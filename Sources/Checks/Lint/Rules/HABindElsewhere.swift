import Addresses
import HAProxy
import Keepalived

/// An address that nobody brings to this node.
///
/// - Condition: haproxy binds an address that is neither a virtual one of the node's keepalived nor on an interface, and the
///   node's interfaces are known.
/// - Why: With `ip_nonlocal_bind` haproxy starts, and nobody ever reaches it there; without it haproxy does not start.
/// - Remedy: Correct the address, or give it to keepalived.
struct HABindElsewhere: NodeRule {
    static let id = "ha-bind-elsewhere"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let interfaces = node.facts?.interfaces, !node.instances.isEmpty
        else {
            return []
        }
        var known = Set(node.instances.flatMap(\.allAddresses).map(\.address))
        known.formUnion(interfaces.flatMap(\.addresses).map(\.address))
        return haproxy.binds.compactMap { bind in
            guard !bind.isInNamespace, let address = bind.address, !bind.endpoint.isAny, !address.isLoopback,
                address != .v4(0), address != .v6(high: 0, low: 0), !known.contains(address)
            else { return nil }
            return node.finding(
                Self.id, .warning, at: bind.location,
                "`\(bind.section)` binds \(bind.text), which is neither on an interface nor a virtual address",
                effect: "nobody reaches haproxy there",
                fix: "correct the address, or add it to `virtual_ipaddress`",
                evidence: [Evidence(at: bind.location, "bind \(bind.text)")])
        }
    }
}
