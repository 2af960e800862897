import Keepalived

/// A virtual address that is the node's own address.
///
/// - Condition: The address is the source of the adverts, a unicast peer, or one that the system configures on the
///   node.
/// - Why: At start keepalived deletes virtual addresses from its interfaces, so the node loses its own address.
/// - Remedy: Use an address that no node has.
struct VIPIsOwnAddress: NodeRule {
    static let id = "vip-is-own-addr"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.flatMap { instance in
            instance.allAddresses.compactMap { address -> Finding? in
                let isSource = instance.sourceAddress?.value == address.address
                let isPeer = instance.unicastPeers.contains { $0.address == address.address }
                guard isSource || isPeer else { return nil }
                return node.finding(
                    Self.id, .error, at: address.location,
                    "\(instance.name): \(address.address) is also the address of \(isSource ? "this node" : "a peer")",
                    effect: "keepalived takes the address away from the node that needs it for itself",
                    fix: "use an address that belongs to no node")
            }
        }
    }
}
