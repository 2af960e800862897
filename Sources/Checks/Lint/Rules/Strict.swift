import Keepalived

/// Strict mode on an address that should accept packets.
///
/// - Condition: `vrrp_strict` or `strict_mode` is set on an instance that is not the owner (priority 255).
/// - Why: Strict mode turns `accept` off: keepalived adds a packet filter that drops all packets to the address. With
///   unicast peers, keepalived refuses to run up to 2.2.4 and since 2.4.0.
/// - Remedy: Remove it.
struct Strict: NodeRule {
    static let id = "strict"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.filter { $0.strict.value }.compactMap { instance in
            let place =
                instance.strict.location ?? node.configuration.global.strict.location ?? instance.location
            let refuses =
                node.version < KeepalivedVersion(2, 2, 5) || node.version >= KeepalivedVersion(2, 4, 0)
            if instance.isUnicast, refuses {
                return node.finding(
                    Self.id, .error, at: place,
                    "\(instance.name): strict mode cannot be used with unicast peers",
                    effect: "keepalived \(node.version) refuses to run", fix: "remove `vrrp_strict`")
            }
            guard !instance.accept.value else { return nil }
            // IPVS forwards packets to a director's addresses, which need not answer themselves.
            let isDirector = node.configuration.others.contains { $0.keyword == "virtual_server" }
            return node.finding(
                Self.id, isDirector ? .warning : .error, at: place,
                "\(instance.name): strict mode drops all packets to its addresses",
                effect: "the node holds the addresses, but they neither answer ping nor accept connections",
                fix: "remove `vrrp_strict`, or add `accept` to the instance in VRRP version 3")
        }
    }
}
