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

    /// What certainly drops the adverts of all other nodes, or to them, or else those of one.
    func obstacle(_ hook: PacketFilter.Hook) -> PacketFilter.Obstacle? {
        guard let filter = member.node.filter else { return nil }
        if case .dropped(let found) = filter.passage(of: route, at: hook) { return found }
        guard route.peers.count > 1, hook == .input || route.group == nil else { return nil }
        for peer in route.peers {
            var one = route
            one.peers = [peer]
            if case .dropped(let found) = filter.passage(of: one, at: hook) { return found }
        }
        return nil
    }

    /// A rule that may drop them, by conditions that are not evaluated.
    func doubt(_ hook: PacketFilter.Hook) -> PacketFilter.Obstacle? {
        member.node.filter?.doubt(on: route, at: hook)
    }

    /// Rules that may drop adverts, and whose counters moved with them.
    func suspects(_ hook: PacketFilter.Hook, in seconds: Int) -> [PacketFilter.Suspect] {
        guard let now = member.node.filter, let before = member.node.before?.known(FirewallFact.self) else {
            return []
        }
        return now.suspects(of: route, at: hook, since: before, atLeast: member.expected(in: seconds) / 2)
    }

    /// The rule, with what it has dropped between the samples.
    func evidence(of obstacle: PacketFilter.Obstacle, in seconds: Int) -> Evidence {
        let count = member.node.before?.known(FirewallFact.self).flatMap {
            member.node.filter?.dropped(by: obstacle, since: $0)
        }
        return Evidence(
            .kernel, on: member.name,
            obstacle.words + (count.map { $0 > 0 ? "  (dropped \($0) packets in \(seconds) s)" : "" } ?? ""))
    }

    /// The command that lets adverts pass.
    func acceptance(_ obstacle: PacketFilter.Obstacle?, _ hook: PacketFilter.Hook) -> String {
        let isUsual = obstacle?.chain.isUsual ?? true
        let keep =
            isUsual
            ? "  (and keep it over a reboot; where the inventory has it, haops apply --accept-problems does both)"
            : "  (and keep it over a reboot; haops writes no rules into this table)"
        if hook == .input, isUsual, let firewalld = member.node.filter?.firewalld {
            // Rules that are added to firewalld's table by other means disappear with its next reload.
            let zones = firewalld.zones(of: member.interface, peers: route.packet(at: hook).peers).sorted()
            return zones.map { "firewall-cmd \(Firewalld.acceptance(of: "vrrp", in: $0))" }
                .joined(separator: "; ") + keep
        }
        guard let obstacle else {
            return "accept IP protocol 112 on \(member.interface) of \(member.name)\(keep)"
        }
        return obstacle.acceptance(ofProtocol: route.packet(at: hook).protocolNumber) + keep
    }
}
