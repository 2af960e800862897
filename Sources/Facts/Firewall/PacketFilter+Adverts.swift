extension PacketFilter {
    /// The rule or policy that drops adverts, and the base chain that leads to it.
    package struct Obstacle: Hashable, Sendable {
        package var rule: String
        package var chain: BaseChain

        package init(rule: String, chain: BaseChain) {
            self.rule = rule
            self.chain = chain
        }
    }

    /// The filter's result for a virtual router's adverts at a hook.
    package enum Passage: Hashable, Sendable {
        case passes
        /// Not known: the rule has conditions that are not supported here.
        case uncertain(rule: String)
        /// Adverts pass once others were sent in the opposite direction: only the first packet of a connection is
        /// dropped.
        case onlyReplies(Obstacle)
        case dropped(Obstacle)

        /// The obstacle that certainly drops the first advert.
        package var obstacle: Obstacle? {
            switch self {
            case .onlyReplies(let obstacle), .dropped(let obstacle): obstacle
            case .passes, .uncertain: nil
            }
        }
    }

    /// Whether this filter drops VRRP; lint, doctor, fix and import all use this function.
    ///
    /// An advert must pass every base chain of the hook. If one chain certainly drops it, it is dropped.
    package func passage(of adverts: AdvertRoute, at hook: Hook) -> Passage {
        let packet = adverts.packet(at: hook)
        var doubt: String?
        var first: Obstacle?
        for chain in chains(hook, isIPv6: packet.isIPv6) {
            switch certainVerdict(on: packet, in: chain) {
            case .accepted: continue
            case .uncertain(let rule): doubt = doubt ?? rule
            case .dropped(let rule):
                let obstacle = Obstacle(rule: rule, chain: chain)
                // A multicast group is never the other end of a connection.
                guard adverts.group == nil else { return .dropped(obstacle) }
                var reply = packet
                reply.isReply = true
                switch certainVerdict(on: reply, in: chain) {
                case .accepted: first = first ?? obstacle
                case .uncertain(let rule): doubt = doubt ?? rule
                case .dropped: return .dropped(obstacle)
                }
            }
        }
        if let first { return .onlyReplies(first) }
        return doubt.map { .uncertain(rule: $0) } ?? .passes
    }

    /// A chain's verdict, if no rule with unsupported conditions may accept the packet.
    private func certainVerdict(on packet: FilteredPacket, in chain: BaseChain) -> Verdict {
        let verdict = verdict(on: packet, in: chain)
        guard case .dropped(let rule) = verdict, mayAccept(packet, chain.tool) else { return verdict }
        return .uncertain(rule)
    }

    private func mayAccept(_ packet: FilteredPacket, _ tool: Tool) -> Bool {
        rules.contains { id, rules in
            id.tool == tool
                && rules.contains { rule in
                    rule.target == .accept && !rule.needsConnection
                        && (rule.isConditional || rule.destination != nil
                            || rule.source != nil && packet.peers.isEmpty)
                        && rule.takes(protocolNumber: packet.protocolNumber)
                }
        }
    }
}
