import HAProxy

/// A `peers` section without this node.
///
/// - Condition: No `peer` or `server` of a `peers` section has the name that haproxy takes for its own: that of
///   `localpeer`, else the host's name. The host's name is known of nodes only.
/// - Why: haproxy drops the section with one warning (`Removing incomplete section`), and stick tables are not shared: after
///   a failover every client loses its server.
/// - Remedy: Name the peer as the host is called, or write `localpeer NAME` in `global` before the section.
struct HAPeersLocal: NodeRule {
    static let id = "ha-peers-local"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let local = haproxy.localPeer ?? node.facts?.hostname else {
            return []
        }
        return haproxy.peers.compactMap { section in
            guard !section.isDisabled, !section.peers.contains(where: { $0.name == local }) else {
                return nil
            }
            let names = section.peers.map { "`\($0.name)`" }.joined(separator: ", ")
            return node.finding(
                Self.id, .warning, at: section.location,
                "`peers \(section.name)` has no peer `\(local)`\(names.isEmpty ? "" : ", only \(names)")",
                effect: "haproxy drops the section, and stick tables are not shared",
                fix: "name the local peer `\(local)`, or write `localpeer` in `global`",
                evidence: [Evidence(at: section.location, "peers \(section.name)")])
        }
    }
}
