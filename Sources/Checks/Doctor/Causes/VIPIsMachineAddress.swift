import Addresses
import Facts
import Keepalived

/// A virtual address is a machine's own address.
///
/// Condition: an instance, on a node's disk or in its daemon, lists an address by which a machine of the cluster is
/// reached, which a machine has on an interface without a keepalived that manages it, or which adverts or backends
/// use.
/// Why: as soon as the instance is MASTER, keepalived takes the address, and its machine is cut off.
/// Remedy: remove the address from `virtual_ipaddress`. The machine keeps it.
struct VIPIsMachineAddress: Cause {
    static let id = DoctorID.vipMachineAddress

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.flatMap { node -> [Diagnosis] in
            let written = (node.configuration?.instances ?? []).flatMap { instance in
                instance.allAddresses.map { ($0.address, instance.name, Optional($0.location)) }
            }
            let known = Set(written.map(\.0))
            let live = node.daemon?.roleSource == .daemon ? node.daemon?.state?.instances ?? [] : []
            let running = live.flatMap { instance in
                instance.addresses.compactMap { CIDR($0)?.address }.filter { !known.contains($0) }
                    .map { ($0, instance.name, ConfigurationLocation?.none) }
            }
            return (written + running).compactMap { address, instance, location in
                guard let owner = observation.own.owner(of: address) else { return nil }
                let place = location.map { " at \($0.file):\($0.line)" } ?? ""
                let isLive = node.after?.liveVIPs?.contains(address) == true
                return Diagnosis(
                    Self.id, nodes: [node.name],
                    "\(instance) on \(node.name) has \(address) as a virtual address, and that is \(owner)",
                    effect: isLive
                        ? "as MASTER, keepalived on \(node.name) takes the address from the machine that it belongs to"
                        : "once keepalived on \(node.name) has read it, it takes the address from its machine",
                    fix: "remove \(address) from virtual_ipaddress\(place) on \(node.name)"
                        + (isLive ? ", then systemctl reload keepalived" : ""),
                    evidence: [node.evidence(at: location)] + observation.holdings(of: address),
                    file: location?.file, line: location?.line)
            }
        }
    }
}

extension ClusterObservation {
    /// "has it on eth0", for every node that has it.
    fileprivate func holdings(of address: IPAddress) -> [Evidence] {
        reachable.compactMap { node in
            node.after?.interface(holding: address).map {
                Evidence(.kernel, on: node.name, "has it on \($0.name)")
            }
        }
    }
}
