import Keepalived

/// Releases that treat disagreement differently.
///
/// - Condition: The nodes' keepalived versions lie on both sides of 2.0.0, 2.3.3 or 2.4.0.
/// - Why: What one of them only logs, the other takes for a reason to become MASTER.
/// - Remedy: Bring the nodes to one release.
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
                effect: "they treat adverts that disagree differently", fix: "bring the nodes to one release")
        ]
    }
}
