import Addresses
import Keepalived

/// A virtual address without a prefix length, or with a different one from its network.
///
/// - Condition: The prefix differs from that of the interface's network that contains the address.
/// - Why: With a different prefix, a manual `ip addr del` or a second holder is easily missed. With the same prefix,
///   deleting the primary address also deletes the virtual one while promote_secondaries is 0.
/// - Remedy: Use /32, or the network's own prefix with promote_secondaries.
struct VIPPrefix: NodeRule {
    static let id = "vip-prefix"

    func check(_ node: LintNode) -> [Finding] {
        guard let interfaces = node.facts?.interfaces else { return [] }
        return node.instances.flatMap { instance in
            instance.addresses.compactMap { address -> Finding? in
                guard let name = address.device ?? instance.interface?.value,
                    let interface = interfaces.first(where: { $0.name == name }),
                    let network = interface.addresses.first(where: {
                        $0.address != address.address && $0.contains(address.address)
                    }),
                    network.prefixLength != address.prefixLength,
                    address.prefixLength != address.address.bitWidth
                else { return nil }
                return node.finding(
                    Self.id, .warning, at: address.location,
                    "\(instance.name): \(address.address)/\(address.prefixLength) lies in \(network)",
                    effect:
                        "the node gets a second, different route for its own network while it holds the address",
                    fix: "write /\(network.prefixLength), or /\(address.address.bitWidth)",
                    evidence: [Evidence(.kernel, "\(name): \(network)")])
            }
        }
    }
}
