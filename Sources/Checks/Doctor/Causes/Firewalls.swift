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
    /// - Parameter isReply: as if this node had sent to the others before.
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
                        && rule.protocols?.contains(packet.protocolNumber) != false
                }
        }
    }

    /// The command that lets adverts pass.
    func acceptance(_ obstacle: Obstacle?, _ hook: PacketFilter.Hook) -> String {
        let keep = "  (and keep it over a reboot; haops apply does both)"
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

/// A node's packet filter drops the adverts that it should send.
///
/// Condition: a rule or the policy of the OUTPUT chain drops protocol 112.
/// Why: the others hear no MASTER and take the addresses.
/// Remedy: accept protocol 112 on the way out, and make it survive a reboot.
struct FirewallOutput: Cause {
    static let id = "cause-firewall-output"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.flatMap { router in
            router.members.compactMap { member -> Diagnosis? in
                let filter = AdvertFilter(router: router, member: member)
                let logged = member.logged {
                    if case .cannotSend(_, let reason) = $0 {
                        reason.contains("not permitted")
                    } else {
                        false
                    }
                }
                guard let obstacle = filter.obstacle(.output) else { return nil }
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(member.name)'s firewall drops the adverts that it sends for \(router.title)",
                    effect: "no other node hears it, and one of them takes the addresses as well",
                    fix: filter.acceptance(obstacle, .output),
                    evidence: ["\(member.name): \(obstacle.rule)"] + logged
                        + router.members.map { $0.traffic(in: patient.seconds) },
                    explains: patient.disunity(of: router))
            }
        }
    }
}

/// A node's packet filter lets unicast adverts in only as replies.
///
/// Condition: unicast, no rule that accepts protocol 112, and one that accepts ESTABLISHED.
/// Why: a peer's adverts are replies only once this node has sent some itself: so after every start it first hears
/// nothing, becomes MASTER, sends, hears, and steps back.
/// Remedy: accept protocol 112 by a rule of its own.
struct ConntrackUnicast: Cause {
    static let id = "cause-conntrack-unicast"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.flatMap { router in
            router.members.compactMap { member -> Diagnosis? in
                guard member.instance?.isUnicast == true else { return nil }
                let filter = AdvertFilter(router: router, member: member)
                guard let obstacle = filter.obstacle(.input), filter.obstacle(.input, isReply: true) == nil
                else {
                    return nil
                }
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(member.name)'s firewall accepts the adverts of \(router.title) only while it sends some itself",
                    effect:
                        "after every start \(member.name) becomes MASTER for a moment, beside the real one",
                    fix: filter.acceptance(obstacle, .input),
                    evidence: [
                        "\(member.name): a new connection meets: \(obstacle.rule)",
                        "\(member.name): an established one is accepted",
                    ] + member.logged { $0 == .becameMaster || $0 == .becameBackup(initial: false) },
                    explains: patient.disunity(of: router))
            }
        }
    }
}

/// A node's packet filter drops the adverts that reach it.
///
/// Condition: a rule or the policy of the INPUT chain drops protocol 112; or tcpdump sees adverts arrive that
/// keepalived neither counts nor refuses.
/// Why: the node hears no MASTER and takes the addresses.
/// Remedy: accept protocol 112 on the way in, and make it survive a reboot.
struct FirewallInput: Cause {
    static let id = "cause-firewall-input"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.flatMap { router in
            router.members.compactMap { member -> Diagnosis? in
                let filter = AdvertFilter(router: router, member: member)
                let isUnicast = member.instance?.isUnicast == true
                // What is counted is not dropped, whatever the rules look like.
                let obstacle = (member.received ?? 0) > 0 ? nil : filter.obstacle(.input, isReply: isUnicast)
                let arrivals = arrivals(at: member, of: router)
                let isDeaf =
                    patient.isDisunited(router) && member.received == 0 && member.refused.isEmpty
                    && !arrivals.isEmpty
                guard obstacle != nil || isDeaf else { return nil }
                return Diagnosis(
                    Self.id, nodes: [member.name],
                    "\(member.name)'s firewall drops the adverts of \(router.title) that reach it",
                    effect: "\(member.name) hears no MASTER, and takes the addresses as well",
                    fix: filter.acceptance(obstacle, .input),
                    evidence: [obstacle.map { "\(member.name): \($0.rule)" }] + arrivals
                        + router.members.map { $0.traffic(in: patient.seconds) },
                    explains: patient.disunity(of: router))
            }
        }
    }

    private func arrivals(at member: VirtualRouter.Member, of router: VirtualRouter) -> [String] {
        let own = Set(member.node.interfaces.flatMap(\.addresses).map(\.cidr.address))
        return member.node.capture.adverts
            .filter {
                $0.routerID == member.routerID && !own.contains($0.source)
                    && $0.source.isIPv6 == member.isIPv6
            }
            .map(\.source).uniqued().sorted()
            .map {
                "\(member.name): tcpdump sees adverts of router \(member.routerID ?? 0) arrive from \($0)"
            }
    }
}
