import Keepalived

/// A virtual address that is a machine's own address.
///
/// - Condition: A machine of the cluster is reached by the address, or has it on an interface without a keepalived
///   that manages it, or another node sends adverts from it.
/// - Why: As soon as the instance is MASTER, keepalived takes the address, and the machine is cut off.
/// - Remedy: Use an address that no machine has.
struct VIPOfMachine: NodeRule {
    static let id = "vip-machine-address"

    func check(_ node: LintNode) -> [Finding] {
        guard let machines = node.facts?.machineAddresses else { return [] }
        return node.instances.flatMap { instance in
            instance.allAddresses.compactMap { address -> Finding? in
                guard let owner = machines.owner(of: address.address) else { return nil }
                return node.finding(
                    Self.id, .error, at: address.location,
                    "\(instance.name): \(address.address) is \(owner)",
                    effect: "keepalived takes the address away from the machine that it belongs to",
                    fix: "use an address that belongs to no machine")
            }
        }
    }
}
