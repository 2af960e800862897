import Addresses
package import Facts
package import Inventory

/// The packets that a node's filter must accept, each at its hook.
package struct FirewallWish: Hashable, Sendable {
    package struct Passage: Hashable, Sendable {
        package var packet: FilteredPacket
        package var hook: PacketFilter.Hook
    }

    package var backend: FirewallSettings.Backend
    package var passages: [Passage]
    /// The interfaces that receive adverts, for firewalld's zones.
    package var interfaces: Set<String>

    package init(
        backend: FirewallSettings.Backend, passages: [Passage], interfaces: Set<String> = []
    ) {
        self.backend = backend
        self.passages = passages
        self.interfaces = interfaces
    }

    /// VRRP between the nodes of a cluster on its interfaces, and ICMP, in the address families in use.
    package init(_ settings: FirewallSettings, node: Node, of cluster: Cluster) {
        var passages: [Passage] = []
        var interfaces: Set<String> = []
        func add(_ passage: Passage) { if !passages.contains(passage) { passages.append(passage) } }
        if settings.allow.contains(.vrrp), let keepalived = cluster.keepalived {
            for instance in keepalived.instances {
                let route = cluster.advertRoute(of: instance, on: node)
                if let interface = route.interface { interfaces.insert(interface) }
                for hook in PacketFilter.Hook.allCases {
                    add(Passage(packet: route.packet(at: hook), hook: hook))
                }
            }
        }
        if settings.allow.contains(.icmp) {
            let families = Set(passages.map(\.packet.isIPv6)).union(
                cluster.virtualAddresses.map(\.vip.cidr.address.isIPv6))
            for isIPv6 in families.sorted(by: { !$0 && $1 }) {
                add(Passage(packet: .icmp(isIPv6: isIPv6), hook: .input))
                add(Passage(packet: .icmp(isIPv6: isIPv6), hook: .output))
            }
        }
        self.init(backend: settings.backend, passages: passages, interfaces: interfaces)
    }

    /// The passages that may lead through a chain, judged by its names alone: the chain need not be in memory, and
    /// the name of an nftables chain does not say its hook.
    func passages(through chain: PacketFilter.ChainID) -> [Passage] {
        passages.filter { passage in
            switch chain.tool {
            case .iptables(_, let isIPv6, _):
                backend != .nftables && isIPv6 == passage.packet.isIPv6
                    && chain.name == passage.hook.rawValue.uppercased()
            case .nftables(let family, _):
                backend != .iptables && [passage.packet.isIPv6 ? "ip6" : "ip", "inet"].contains(family)
            }
        }
    }
}
