import Addresses
import Remote

/// Above this, keepalived 1.x drops the rest of an instance's addresses (`VRRP_MAX_VIP`).
private let mostAddressesOfOldVersions = 20

/// Checks that virtual addresses are no machine's address, belong to one instance, and have one family per
/// instance.
func virtualAddressProblems(in fleet: Fleet) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    var machines: [IPAddress: String] = [:]
    for cluster in fleet.clusters {
        for observer in cluster.observers {
            if let address = IPAddress(observer.target.host) {
                machines[address] = "observer `\(observer.id)`"
            }
        }
        for node in cluster.nodes {
            let own = (cluster.keepalived?.instances ?? []).map { $0.vrrpAddresses[node.id] }
            for address in ([IPAddress(node.target.host), node.vrrpAddress] + own).compactMap(\.self) {
                machines[address] = "node `\(node.id)`"
            }
        }
    }
    var owners: [IPAddress: (instance: String, place: SourceLocation)] = [:]
    for cluster in fleet.clusters {
        for instance in cluster.keepalived?.instances ?? [] {
            for (index, vip) in (instance.addresses + instance.excluded).enumerated() {
                let place = fleet.location(
                    of: .address(cluster: cluster.name, instance: instance.name, index: index))
                let address = vip.cidr.address
                if let machine = machines[address] {
                    problems.append(
                        Diagnostic(
                            .error, at: place, "\(address) is the address of \(machine)",
                            remedy:
                                "choose an address that no machine has: keepalived would take it away from its owner"
                        ))
                }
                if let first = owners[address] {
                    problems.append(
                        Diagnostic(
                            .error, at: place,
                            "\(address) stands twice: `\(first.instance)` has it on line \(first.place.line)",
                            remedy: first.instance == instance.name
                                ? "keep one of the two" : "keep one: two instances would claim it"))
                } else {
                    owners[address] = (instance.name, place)
                }
            }
            problems += familyProblems(of: instance, in: cluster, of: fleet)
            if instance.addresses.count > mostAddressesOfOldVersions {
                problems.append(
                    Diagnostic(
                        .warning,
                        at: fleet.location(of: .instance(cluster: cluster.name, name: instance.name)),
                        "`\(instance.name)` has \(instance.addresses.count) addresses: keepalived 1.x drops all after the first \(mostAddressesOfOldVersions)",
                        remedy: "move the rest to `excluded`: they move along without being advertised"))
            }
        }
    }
    return problems
}

/// An advert carries addresses of one family (RFC 5798, 5.2.9); keepalived drops the others.
private func familyProblems(of instance: VRRPInstance, in cluster: Cluster, of fleet: Fleet) -> [Diagnostic] {
    guard let first = instance.addresses.first?.cidr.address,
        let index = instance.addresses.firstIndex(where: { $0.cidr.address.isIPv6 != first.isIPv6 })
    else { return [] }
    let other = instance.addresses[index].cidr.address
    return [
        Diagnostic(
            .error,
            at: fleet.location(of: .address(cluster: cluster.name, instance: instance.name, index: index)),
            "\(other) is \(other.isIPv6 ? "IPv6" : "IPv4") and `\(instance.name)` begins with \(first): keepalived advertises one family in an instance and drops the other",
            remedy: "move it to `excluded`, where it moves along, or into an instance of its own")
    ]
}
