import Addresses
import Keepalived

/// A virtual address outside every network of its interface.
///
/// - Condition: No address of the interface has a prefix that contains the virtual address.
/// - Why: Machines on the segment do not resolve it by ARP: it is unreachable unless it is routed to the node.
/// - Remedy: Check the address and the interface.
struct VIPOffSubnet: NodeRule {
    static let id = "vip-off-subnet"

    func check(_ node: LintNode) -> [Finding] {
        guard let interfaces = node.facts?.interfaces else { return [] }
        return node.instances.flatMap { instance in
            instance.allAddresses.compactMap { address -> Finding? in
                guard let name = address.device ?? instance.interface?.value,
                    let interface = interfaces.first(where: { $0.name == name }),
                    !isLinkLocal(address.address)
                else { return nil }
                let networks = interface.addresses.filter {
                    $0.address != address.address && $0.address.isIPv6 == address.address.isIPv6
                }
                guard !networks.contains(where: { $0.contains(address.address) }) else { return nil }
                return node.finding(
                    Self.id, .warning, at: address.location,
                    "\(instance.name): \(address.address) is in no network of \(name)",
                    effect: "hosts on the segment do not find it by ARP, unless it is routed here",
                    fix: "check the address and the interface",
                    evidence: [
                        Evidence(
                            .kernel,
                            "\(name): "
                                + (networks.isEmpty
                                    ? "no address of this family"
                                    : networks.map(\.description).joined(separator: ", ")))
                    ])
            }
        }
    }

    private func isLinkLocal(_ address: IPAddress) -> Bool {
        if case .v6(let high, _) = address { high >> 54 == 0x3FA } else { false }
    }
}
