import Addresses
import Facts
import Remote

/// Two nodes have the same link-layer address in one network.
///
/// Condition: interfaces of different nodes with the same link-layer address and addresses of the same network. Those
/// that VRRP shares on purpose (00:00:5e:00:01 and 00:00:5e:00:02, RFC 5798) are none.
/// Why: a switch sends to the port that it heard last, so packets for one node go to the other, now and again.
/// Remedy: give one of them an address of its own, as a cloned virtual machine did not get one.
struct ClonedMAC: Cause {
    static let id = DoctorID.clonedMAC

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        var cards: [MACAddress: [(node: String, interface: Interface)]] = [:]
        for node in observation.reachable {
            for interface in node.interfaces {
                guard let mac = interface.mac, mac.value != 0, !mac.isVirtualRouters else { continue }
                cards[mac, default: []].append((node.name, interface))
            }
        }
        return cards.sorted { $0.key.value < $1.key.value }.compactMap { mac, found in
            let clones = found.filter { one in
                found.contains { $0.node != one.node && $0.interface.sharesNetwork(with: one.interface) }
            }
            guard let last = clones.last else { return nil }
            let names = clones.map(\.node).uniqued()
            let vips = observation.after.map(\.vip)
            return Diagnosis(
                Self.id, nodes: names,
                "\(last.interface.name) of \(joined(names)) have the same link-layer address \(mac)",
                effect: "what is sent to one of them reaches the other, whenever that one has spoken last",
                fix:
                    "ip link set \(last.interface.name) address … on \(last.node): a link-layer address of its own, in its network configuration too",
                evidence: clones.map {
                    Evidence(
                        .kernel, on: $0.node,
                        "\($0.interface.name) has \(mac) and \(joined($0.interface.addresses.map { "\($0.cidr)" }))"
                    )
                },
                explains: Set(vips.flatMap { [.dark($0), .contested($0), .staleARP($0)] }))
        }
    }
}

extension MACAddress {
    /// Those of virtual routers, which all nodes of one share.
    fileprivate var isVirtualRouters: Bool { [0x00_00_5e_00_01, 0x00_00_5e_00_02].contains(value >> 8) }
}

extension Interface {
    fileprivate func sharesNetwork(with other: Interface) -> Bool {
        addresses.contains { mine in
            other.addresses.contains {
                !$0.cidr.address.isLinkLocal && mine.cidr.address != $0.cidr.address
                    && mine.cidr.contains($0.cidr.address) && mine.cidr.prefixLength == $0.cidr.prefixLength
            }
        }
    }
}
