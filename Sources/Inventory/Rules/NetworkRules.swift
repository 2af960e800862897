package import Addresses
package import Remote

/// The problems of a fleet that need the addresses of its nodes' interfaces.
///
/// `interfaceNetworks` has the interfaces and addresses of each node that answered. Nodes that did not answer are
/// not checked.
package func problems(
    in fleet: Fleet, interfaceNetworks: [HostID: [String: [CIDR]]]
) -> [Diagnostic] {
    // A virtual address that a node holds as owner does not show the networks of its interface.
    let vips = Set(fleet.clusters.flatMap { $0.virtualAddresses.map(\.vip.cidr.address) })
    var networks = interfaceNetworks
    for host in networks.keys {
        networks[host] = networks[host]?.mapValues { $0.filter { !vips.contains($0.address) } }
    }
    return fleet.clusters.flatMap { cluster in
        NetworkRules(cluster: cluster, fleet: fleet, networks: networks).problems
    } + sharedSegmentProblems(in: fleet, interfaceNetworks: networks)
}

private struct NetworkRules {
    let cluster: Cluster
    let fleet: Fleet
    let networks: [HostID: [String: [CIDR]]]

    var problems: [Diagnostic] {
        guard let keepalived = cluster.keepalived else { return [] }
        var problems: [Diagnostic] = []
        for instance in keepalived.instances {
            problems += missingInterfaces(of: instance, keepalived)
            for (index, vip) in (instance.addresses + instance.excluded).enumerated() {
                problems += placeProblems(of: vip, index: index, instance: instance, keepalived)
            }
        }
        if keepalived.transport == .unicast { problems += absentSources }
        return problems
    }

    /// keepalived terminates when an interface of its configuration does not exist.
    private func missingInterfaces(
        of instance: VRRPInstance, _ keepalived: KeepalivedSettings
    ) -> [Diagnostic] {
        let names =
            instance.trackInterfaces.map {
                (
                    interface: Optional($0),
                    place: InventoryPlace.trackInterface(
                        cluster: cluster.name, instance: instance.name, interface: $0)
                )
            }
            + [(nil, .instance(cluster: cluster.name, name: instance.name))]
        return names.flatMap { name, place in
            grouped { node, interfaces in
                let interface = name ?? keepalived.interface(of: instance, on: node)
                return interfaces[interface] == nil ? missing(interface, among: interfaces) : nil
            }.map { diagnostic($0, at: place) }
        }
    }

    private func placeProblems(
        of vip: VirtualAddress, index: Int, instance: VRRPInstance, _ keepalived: KeepalivedSettings
    ) -> [Diagnostic] {
        let place = InventoryPlace.address(cluster: cluster.name, instance: instance.name, index: index)
        let isOutside = vip.isOutside
        return grouped { node, interfaces in
            let interface = vip.interface ?? keepalived.interface(of: instance, on: node)
            guard let networks = interfaces[interface] else {
                // A missing instance interface is reported once and not for every address.
                return vip.interface == nil ? nil : missing(interface, among: interfaces)
            }
            guard !isOutside, !networks.contains(where: { $0.contains(vip.cidr.address) }) else { return nil }
            let known = networks.filter { $0.address.isIPv6 == vip.cidr.address.isIPv6 }.map(\.network)
            let shown =
                known.isEmpty
                ? "no \(vip.cidr.address.isIPv6 ? "IPv6" : "IPv4") network"
                : Set(known).sorted().joined(separator: ", ")
            return Finding(
                message: "\(vip.cidr.address) is outside the networks of `\(interface)`, which has \(shown)",
                remedy:
                    "choose an address of that network, or the interface that has the address's own; `outside: true` beside the `vip` says that it is meant"
            )
        }.map { diagnostic($0, at: place) }
    }

    private var absentSources: [Diagnostic] {
        cluster.nodes.flatMap { node -> [Diagnostic] in
            guard let interfaces = networks[node.id] else { return [] }
            let own = Set(interfaces.values.joined().map(\.address))
            let sources = Set((cluster.keepalived?.instances ?? []).compactMap { $0.vrrpAddress(of: node) })
            return sources.subtracting(own).sorted().map { absent($0, of: node) }
        }
    }

    private func absent(_ source: IPAddress, of node: Node) -> Diagnostic {
        Diagnostic(
            .error,
            at: fleet.location(of: .nodeVRRPAddress(node.id), .nodeAddress(node.id), .node(node.id)),
            "`\(node.id)` does not have the address \(source) that its adverts are to come from",
            remedy:
                "set `vrrp_address` to an address of the node: the address for ssh may be translated by NAT"
        )
    }

    // MARK: - Equal findings on several nodes are one

    private struct Finding: Hashable {
        var message: String
        var remedy: String?
    }

    private func missing(_ interface: String, among interfaces: [String: [CIDR]]) -> Finding {
        let names = interfaces.keys.filter { $0 != "lo" }.sorted { $0.isOrderedNaturally(before: $1) }
        let near = suggestion(for: interface, among: names)
        return Finding(
            message: "there is no interface `\(interface)`",
            remedy: near.map { "did you mean `\($0.visible)`?" }
                ?? "the interfaces are \(names.prefix(10).map(\.visible).joined(separator: ", "))")
    }

    private func grouped(
        _ find: (Node, [String: [CIDR]]) -> Finding?
    ) -> [(finding: Finding, nodes: [HostID])] {
        var nodes: [Finding: [HostID]] = [:]
        var order: [Finding] = []
        for node in cluster.nodes {
            guard let interfaces = networks[node.id], let finding = find(node, interfaces) else { continue }
            if nodes[finding] == nil { order.append(finding) }
            nodes[finding, default: []].append(node.id)
        }
        return order.map { ($0, nodes[$0] ?? []) }
    }

    private func diagnostic(
        _ found: (finding: Finding, nodes: [HostID]), at place: InventoryPlace
    ) -> Diagnostic {
        Diagnostic(
            .error, at: fleet.location(of: place),
            "`\(NodeRange.folded(found.nodes))`: \(found.finding.message)", remedy: found.finding.remedy)
    }
}

extension CIDR {
    /// The network that the address lies in: `203.0.113.0/24`.
    var network: String {
        switch address {
        case .v4(let value):
            let mask: UInt32 = prefixLength == 0 ? 0 : .max << UInt32(32 - prefixLength)
            return "\(IPAddress.v4(value & mask))/\(prefixLength)"
        case .v6(let high, let low):
            let highMask: UInt64 = prefixLength == 0 ? 0 : .max << UInt64(max(0, 64 - prefixLength))
            let lowMask: UInt64 = prefixLength <= 64 ? 0 : .max << UInt64(128 - prefixLength)
            return "\(IPAddress.v6(high: high & highMask, low: low & lowMask))/\(prefixLength)"
        }
    }
}
