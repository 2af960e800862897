import Addresses
import Keepalived

/// A unicast peer that is listed twice.
///
/// - Condition: The same address occurs twice in `unicast_peer`.
/// - Why: The peer gets every advert twice.
/// - Remedy: Remove one.
struct UnicastDuplicate: NodeRule {
    static let id = "unicast-dup"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.flatMap { instance -> [Finding] in
            var seen: Set<IPAddress> = []
            return instance.unicastPeers.filter { !seen.insert($0.address).inserted }.map { peer in
                node.finding(
                    Self.id, .warning, at: peer.location,
                    "\(instance.name): the peer \(peer.address) is listed twice",
                    effect: "it gets every advert twice", fix: "remove one of the two lines")
            }
        }
    }
}
