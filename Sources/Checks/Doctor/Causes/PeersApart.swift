import Facts

/// haproxy is not connected to one of its peers.
///
/// Condition: in both looks, and ten seconds after its start, a remote peer of a `peers` section has no session.
/// Why: the stick tables of the two grow apart: after a failover clients get other servers, and rates are counted anew.
/// Remedy: haproxy must run on both, know each other's name, and reach the peer's port.
struct PeersApart: ProxyWarningCause {
    static let id = DoctorID.peersApart
    /// haproxy connects again every five seconds.
    private static let leastUptime = 10

    func warnings(of health: HAProxyHealth, since earlier: HAProxyHealth?) -> [ProxyWarning] {
        let before = earlier?.processes.flatMap(\.peers)
        let processes = health.processes.filter { ($0.uptimeSeconds ?? .max) >= Self.leastUptime }
        return processes.flatMap(\.peers).uniqued().filter { peer in
            !peer.isConnected
                && before?.contains { $0.name == peer.name && $0.section == peer.section && $0.isConnected }
                    != true
        }.map { peer in
            ProxyWarning(
                id: Self.id,
                words: "haproxy is not connected to the peer `\(peer.name)` of `peers \(peer.section)`",
                effect: "their stick tables grow apart: after a failover clients lose their server",
                fix: fix(peer),
                evidence: [
                    "show peers: \(peer.section) \(peer.name) at \(peer.address): no session, last status \(peer.status)"
                ])
        }
    }

    private func fix(_ peer: HAProxyProcess.Peer) -> String {
        switch peer.status {
        case "NAME", "UNKN":
            "write the same names in `peers \(peer.section)` on both: each looks for its own host name, or `localpeer`"
        default: "see that haproxy runs there, and that \(peer.address) can be reached in both directions"
        }
    }
}
