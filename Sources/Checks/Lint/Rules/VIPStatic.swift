import Addresses
import Keepalived

/// Something other than keepalived configures a virtual address.
///
/// - Condition: The address stands in the files of ifupdown, netplan, NetworkManager or networkd.
/// - Why: The node holds it while it is BACKUP: two holders, and with a different prefix keepalived does
///   not even remove it.
/// - Remedy: Remove it there.
struct VIPStatic: NodeRule {
    static let id = "vip-static"

    func check(_ node: LintNode) -> [Finding] {
        guard let configured = node.facts?.staticAddresses else { return [] }
        return node.instances.flatMap { instance in
            instance.allAddresses.flatMap { address in
                configured.filter { $0.address.address == address.address }.map { entry in
                    node.finding(
                        Self.id, .error, at: address.location,
                        "\(instance.name): \(address.address) is also configured outside keepalived",
                        effect: "the node holds the address even when it is BACKUP: it is held twice",
                        fix: "remove it from \(entry.source)",
                        evidence: [Evidence(.kernel, "\(entry.source): \(entry.address)")]
                    )
                }
            }
        }
    }
}
