import Addresses
import Facts
import Keepalived

/// What a node's packet filter does with the adverts of a virtual router.
struct AdvertFilter {
    let router: VirtualRouter
    let member: VirtualRouter.Member

    private var route: AdvertRoute {
        let others = router.members.filter { $0.name != member.name }
        let peers = others.compactMap { $0.source(besides: router.addresses) }
        guard let instance = member.instance else {
            return AdvertRoute(
                isIPv6: member.isIPv6, interface: member.interface,
                group: AdvertRoute.usualGroup(isIPv6: member.isIPv6), peers: peers)
        }
        return AdvertRoute(of: instance, peers: peers)
    }

    /// The filter's result for adverts that should reach, or leave, this node.
    func passage(_ hook: PacketFilter.Hook) -> PacketFilter.Passage {
        member.node.filter?.passage(of: route, at: hook) ?? .passes
    }

    /// The command that lets adverts pass.
    func acceptance(_ obstacle: PacketFilter.Obstacle?, _ hook: PacketFilter.Hook) -> String {
        let keep =
            "  (and keep it over a reboot; where the inventory has it, haops apply --accept-problems does both)"
        if hook == .input, let firewalld = member.node.filter?.firewalld {
            // Rules that are added to firewalld's table by other means disappear with its next reload.
            let zones = firewalld.zones(of: member.interface, peers: route.packet(at: hook).peers).sorted()
            return zones.map { "firewall-cmd \(Firewalld.acceptance(of: "vrrp", in: $0))" }
                .joined(separator: "; ") + keep
        }
        switch obstacle?.chain.tool {
        case .nftables(let family, let table):
            return
                "nft insert rule \(family) \(table) \(obstacle?.chain.name ?? "") meta l4proto 112 accept\(keep)"
        case .iptables(let command, _):
            return "\(command) -I \(obstacle?.chain.name ?? "") -p 112 -j ACCEPT\(keep)"
        case nil:
            return "accept IP protocol 112 on \(member.interface) of \(member.name)\(keep)"
        }
    }
}
