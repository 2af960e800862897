package import Addresses
package import Inventory
package import Keepalived

/// The path of one virtual router's adverts between its nodes, as a packet filter sees it.
package struct AdvertRoute: Hashable, Sendable {
    package var isIPv6: Bool
    package var interface: String?
    /// Whether adverts use the IPsec protocol instead of VRRP's own (`auth_type AH`).
    package var usesHeader: Bool
    /// The multicast group; `nil` if each peer gets its own adverts (unicast).
    package var group: IPAddress?
    /// The source addresses of the other nodes' adverts; empty if not known.
    package var peers: [IPAddress]
    /// The source address of the node's own adverts; `nil` if not known.
    package var source: IPAddress?

    package init(
        isIPv6: Bool, interface: String?, usesHeader: Bool = false, group: IPAddress?, peers: [IPAddress],
        source: IPAddress? = nil
    ) {
        self.isIPv6 = isIPv6
        self.interface = interface
        self.usesHeader = usesHeader
        self.group = group
        self.peers = peers
        self.source = source
    }

    /// The route of an instance as a node has it configured.
    ///
    /// - `peers`: the source addresses of the others; by default, the instance's unicast peers.
    /// - `source`: the source address of the node's own adverts; by default, the configured one.
    package init(of instance: Instance, peers: [IPAddress]? = nil, source: IPAddress? = nil) {
        let isIPv6 = instance.family == .ipv6
        self.init(
            isIPv6: isIPv6, interface: instance.interface?.value,
            usesHeader: instance.authentication?.value.kind == .header,
            group: instance.isUnicast
                ? nil : instance.multicastGroup?.value ?? Self.usualGroup(isIPv6: isIPv6),
            peers: peers ?? (instance.isUnicast ? instance.unicastPeers.map(\.address) : []),
            source: source ?? instance.sourceAddress?.value)
    }

    /// RFC 5798 section 5.1: the destination of multicast adverts.
    package static func usualGroup(isIPv6: Bool) -> IPAddress {
        isIPv6 ? .v6(high: 0xFF02_0000_0000_0000, low: 0x12) : .v4(0xE000_0012)
    }

    package func packet(at hook: PacketFilter.Hook) -> FilteredPacket {
        let ends = hook == .output ? group.map { [$0] } ?? peers : peers
        var packet = FilteredPacket.vrrp(isIPv6: isIPv6, interface: interface, peers: ends)
        packet.own = (hook == .input ? group ?? source : source).map { [$0] } ?? []
        // IANA's number of the authentication header.
        if usesHeader { packet.protocolNumber = 51 }
        return packet
    }
}

extension Cluster {
    /// The route of an instance's adverts to and from a node, according to the inventory.
    package func advertRoute(of instance: VRRPInstance, on node: Node) -> AdvertRoute {
        let isIPv6 = instance.addresses.first?.cidr.address.isIPv6 ?? false
        return AdvertRoute(
            isIPv6: isIPv6, interface: keepalived?.interface(of: instance, on: node),
            group: keepalived?.transport == .multicast ? AdvertRoute.usualGroup(isIPv6: isIPv6) : nil,
            peers: nodes.filter { $0.id != node.id }.compactMap { instance.vrrpAddress(of: $0) }.filter {
                $0.isIPv6 == isIPv6
            })
    }
}
