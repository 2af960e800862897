import Addresses
import Facts
import Keepalived

/// What a node's packet filter does with the adverts of a virtual router.
struct AdvertFilter {
    let router: VirtualRouter
    let member: VirtualRouter.Member

    /// The rule, or the policy, that drops adverts for certain, and the chain it is in.
    struct Obstacle {
        var rule: String
        var chain: PacketFilter.BaseChain
    }

    /// What drops the adverts that should reach, or leave, this node.
    ///
    /// - `isReply`: as if this node had sent to the others before.
    func obstacle(_ hook: PacketFilter.Hook, isReply: Bool = false) -> Obstacle? {
        guard let filter = member.node.filter else { return nil }
        var packet = packet(hook)
        packet.isReply = isReply
        for chain in filter.chains(hook, isIPv6: packet.isIPv6) {
            guard case .dropped(let rule) = filter.verdict(on: packet, in: chain) else { continue }
            return mayPassOtherwise(filter, chain, packet) ? nil : Obstacle(rule: rule, chain: chain)
        }
        return nil
    }

    private func packet(_ hook: PacketFilter.Hook) -> FilteredPacket {
        let others = router.members.filter { $0.name != member.name }
        let usesHeader = member.instance?.authentication?.value.kind == .header
        let isUnicast = member.instance?.isUnicast == true
        let group =
            member.instance?.multicastGroup?.value
            ?? (member.isIPv6 ? .v6(high: 0xFF02_0000_0000_0000, low: 0x12) : .v4(0xE000_0012))
        let peers = others.compactMap { $0.source(besides: router.addresses) }
        return FilteredPacket(
            protocolNumber: usesHeader ? 51 : 112, isIPv6: member.isIPv6, interface: member.interface,
            peers: hook == .output && !isUnicast ? [group] : peers)
    }

    /// Whether some rule accepts adverts under a condition that cannot be judged from here.
    private func mayPassOtherwise(
        _ filter: PacketFilter, _ chain: PacketFilter.BaseChain, _ packet: FilteredPacket
    ) -> Bool {
        filter.rules.contains { id, rules in
            id.tool == chain.tool
                && rules.contains { rule in
                    rule.target == .accept && !rule.needsConnection
                        && (rule.isConditional || rule.destination != nil)
                        && rule.takes(protocolNumber: packet.protocolNumber)
                }
        }
    }

    /// The command that lets adverts pass.
    func acceptance(_ obstacle: Obstacle?, _ hook: PacketFilter.Hook) -> String {
        let keep =
            "  (and keep it over a reboot; where the inventory has it, haops apply --accept-problems does both)"
        if hook == .input, let firewalld = member.node.filter?.firewalld {
            // What is added to its table by other means is gone with its next reload.
            let zones = firewalld.zones(of: member.interface, peers: packet(hook).peers).sorted()
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
