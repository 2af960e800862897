import Addresses
import Keepalived

/// A node that is its own unicast peer.
///
/// - Condition: `unicast_peer` lists the address of `unicast_src_ip`, or another address of the node.
/// - Why: The node may receive its own adverts: `equal priority advert received from remote host with our IP
///   address`.
/// - Remedy: Remove it.
struct UnicastSelf: NodeRule {
    static let id = "unicast-self"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.flatMap { instance -> [Finding] in
            let own = Set(node.facts?.interfaces?.flatMap(\.addresses).map(\.address) ?? [])
                .subtracting(instance.allAddresses.map(\.address))
            return instance.unicastPeers.filter {
                $0.address == instance.sourceAddress?.value || own.contains($0.address)
            }
            .map { peer in
                node.finding(
                    Self.id, .error, at: peer.location,
                    "\(instance.name): the peer \(peer.address) is this node itself",
                    effect: "adverts that come back look like another node with the same address",
                    fix: "remove it from `unicast_peer`")
            }
        }
    }
}
