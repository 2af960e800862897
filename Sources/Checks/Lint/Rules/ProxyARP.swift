import Keepalived

/// proxy_arp on the interface of a virtual address.
///
/// - Condition: `net.ipv4.conf.INTERFACE.proxy_arp` or `net.ipv4.conf.all.proxy_arp` is 1.
/// - Why: A BACKUP answers ARP requests for the address that its peer holds.
/// - Remedy: Set it to 0.
struct ProxyARP: NodeRule {
    static let id = "proxy-arp"

    func check(_ node: LintNode) -> [Finding] {
        guard let facts = node.facts else { return [] }
        return node.instances.compactMap { instance in
            guard instance.family == .ipv4,
                let interface = instance.addresses.first?.device ?? instance.interface?.value
            else { return nil }
            let names = [interface, "all"].map { "net.ipv4.conf.\($0).proxy_arp" }
            guard let name = names.first(where: { facts.sysctls[$0] == "1" }) else { return nil }
            return node.finding(
                Self.id, .warning, at: instance.interface?.location ?? instance.location,
                "\(instance.name): `\(name)` is 1",
                effect: "the node may answer for an address that a peer holds",
                fix: "set `\(name) = 0`", evidence: [Evidence(.kernel, "\(name) = 1")])
        }
    }
}
