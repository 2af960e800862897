import Keepalived

/// An instance that does not accept packets to its addresses.
///
/// - Condition: `no_accept` in an instance that is not the owner (priority 255), on keepalived 1.3.0 or later.
/// - Why: keepalived adds a packet filter that drops all packets to the addresses, as strict mode does: the node holds
///   them, and they neither answer ping nor accept connections.
/// - Remedy: Remove `no_accept`, unless the node only routes for these addresses.
struct NoAccept: NodeRule {
    static let id = "no-accept"

    func check(_ node: LintNode) -> [Finding] {
        // IPVS forwards packets to a director's addresses, which need not answer themselves.
        let isDirector = node.configuration.others.contains { $0.keyword == "virtual_server" }
        return node.instances.compactMap { instance in
            // Strict mode has a rule of its own.
            guard !instance.accept.value, let place = instance.accept.location, !instance.strict.value,
                !instance.isOwner
            else { return nil }
            return node.finding(
                Self.id, isDirector ? .warning : .error, at: place,
                "\(instance.name): `no_accept` drops all packets to its addresses",
                effect: "the node holds the addresses, but they neither answer ping nor accept connections",
                fix: "remove `no_accept`")
        }
    }
}
