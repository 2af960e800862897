import Addresses
import Keepalived

/// Another program than keepalived configures a virtual address.
///
/// - Condition: The address is in the files of ifupdown, netplan, NetworkManager or networkd.
/// - Why: The node holds it even as BACKUP: two nodes hold the address, and with a different prefix keepalived does
///   not even remove it.
/// - Remedy: Remove it from those files.
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
                        effect: "the node holds the address even as BACKUP: two nodes hold it",
                        fix: "remove it from \(entry.source)",
                        evidence: [Evidence(.kernel, "\(entry.source): \(entry.address)")]
                    )
                }
            }
        }
    }
}
