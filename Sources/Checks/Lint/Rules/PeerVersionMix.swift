import Keepalived

/// Releases that treat mismatching adverts differently.
///
/// - Condition: The nodes' keepalived releases are on both sides of 2.0.0, 2.3.3 or 2.4.0.
/// - Why: A mismatch that one release only logs makes the other release become MASTER.
/// - Remedy: Install the same release on all nodes.
struct PeerVersionMix: PeerRule {
    static let id = "x-version-mix"

    func check(_ peers: Peers) -> [Finding] {
        let borders = [KeepalivedVersion(2, 0, 0), KeepalivedVersion(2, 3, 3), KeepalivedVersion(2, 4, 0)]
        guard let lowest = peers.members.map(\.node.version).min(),
            let highest = peers.members.map(\.node.version).max(),
            borders.contains(where: { lowest < $0 && highest >= $0 })
        else { return [] }
        return [
            peers.finding(
                Self.id, .info, at: { _ in nil },
                "\(peers.members[0].instance.name): the nodes run keepalived \(lowest) to \(highest)",
                effect: "they treat mismatching adverts differently", fix: "install one release on all nodes")
        ]
    }
}
