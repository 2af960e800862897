package import Addresses
package import Inventory
package import Keepalived

/// How the adverts of one virtual router travel between its nodes, as a packet filter sees them.
package struct AdvertRoute: Hashable, Sendable {
    package var isIPv6: Bool
    package var interface: String?
    /// `auth_type AH`: they are IPsec's, and not VRRP's own protocol.
    package var usesHeader: Bool
    /// `nil` where each peer is sent its own.
    package var group: IPAddress?
    /// Where the other nodes' adverts come from; empty where that is not known.
    package var peers: [IPAddress]

    package init(
        isIPv6: Bool, interface: String?, usesHeader: Bool = false, group: IPAddress?, peers: [IPAddress]
    ) {
        self.isIPv6 = isIPv6
        self.interface = interface
        self.usesHeader = usesHeader
        self.group = group
        self.peers = peers
    }

    /// As a node has an instance configured.
    ///
    /// - `peers`: where the others send from; without them the unicast peers that the instance names.
    package init(of instance: Instance, peers: [IPAddress]? = nil) {
        let isIPv6 = instance.family == .ipv6
        self.init(
            isIPv6: isIPv6, interface: instance.interface?.value,
            usesHeader: instance.authentication?.value.kind == .header,
            group: instance.isUnicast
                ? nil : instance.multicastGroup?.value ?? Self.usualGroup(isIPv6: isIPv6),
            peers: peers ?? (instance.isUnicast ? instance.unicastPeers.map(\.address) : []))
    }

    /// RFC 5798 section 5.1: where adverts go when they have no single receiver.
    package static func usualGroup(isIPv6: Bool) -> IPAddress {
        isIPv6 ? .v6(high: 0xFF02_0000_0000_0000, low: 0x12) : .v4(0xE000_0012)
    }

    package func packet(at hook: PacketFilter.Hook) -> FilteredPacket {
        let ends = hook == .output ? group.map { [$0] } ?? peers : peers
        var packet = FilteredPacket.vrrp(isIPv6: isIPv6, interface: interface, peers: ends)
        // IANA's number of the authentication header.
        if usesHeader { packet.protocolNumber = 51 }
        return packet
    }
}

extension Cluster {
    /// How the inventory has an instance's adverts travel to and from a node.
    package func advertRoute(of instance: VRRPInstance, on node: Node) -> AdvertRoute {
        let isIPv6 = instance.addresses.first?.cidr.address.isIPv6 ?? false
        return AdvertRoute(
            isIPv6: isIPv6, interface: keepalived?.interface(of: instance, on: node),
            group: keepalived?.transport == .multicast ? AdvertRoute.usualGroup(isIPv6: isIPv6) : nil,
            peers: nodes.filter { $0.id != node.id }.compactMap(\.vrrpAddress).filter { $0.isIPv6 == isIPv6 })
    }
}
