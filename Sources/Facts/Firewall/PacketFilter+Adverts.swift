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
        for chain in allChains(hook, for: packet) {
            switch certainVerdict(on: packet, in: chain) {
            case .accepted: continue
            case .uncertain(let rule): if chain.isUsual { doubt = doubt ?? rule }
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
        guard case .dropped(let rule) = verdict, mayAccept(packet, chain) else { return verdict }
        return .uncertain(rule)
    }

    private func mayAccept(_ packet: FilteredPacket, _ chain: BaseChain) -> Bool {
        rules.contains { id, rules in
            id.tool == chain.tool
                && rules.contains { rule in
                    rule.target == .accept && !rule.needsConnection
                        && match(rule, packet, chain.hook) == .maybe
                }
        }
    }
}

extension PacketFilter {
    /// A rule, or a policy, that may drop adverts and has dropped packets lately.
    package struct Suspect: Hashable, Sendable {
        package var obstacle: Obstacle
        /// The packets that it dropped between the two samples.
        package var packets: Int
    }

    /// The rules on the adverts' way that drop packets, may match adverts by conditions that are not supported here, and
    /// have dropped at least so many packets since an earlier sample.
    package func suspects(
        of adverts: AdvertRoute, at hook: Hook, since earlier: PacketFilter, atLeast least: Int
    ) -> [Suspect] {
        let packet = adverts.packet(at: hook)
        return allChains(hook, for: packet).flatMap { base in
            reached(from: base).flatMap { id in
                let now = rules[id] ?? []
                let before = earlier.rules[id] ?? []
                // Counters are compared only where no rule was inserted in between.
                guard now.map(\.text) == before.map(\.text) else { return [Suspect]() }
                return zip(now, before).compactMap { rule, old in
                    guard rule.target == .drop, match(rule, packet, hook) != .no, let packets = rule.packets,
                        let previous = old.packets, packets - previous >= max(1, least)
                    else { return nil }
                    return Suspect(
                        obstacle: Obstacle(rule: rule.text, chain: base), packets: packets - previous)
                }
            }
        }
    }

    /// A rule that may drop adverts, by conditions that are not supported here.
    package func doubt(on adverts: AdvertRoute, at hook: Hook) -> Obstacle? {
        let packet = adverts.packet(at: hook)
        for chain in allChains(hook, for: packet) {
            if case .uncertain(let rule) = certainVerdict(on: packet, in: chain) {
                return Obstacle(rule: rule, chain: chain)
            }
        }
        return nil
    }

    /// How many packets a rule with this text has dropped since an earlier sample; `nil` if it does not count.
    package func dropped(by obstacle: Obstacle, since earlier: PacketFilter) -> Int? {
        let start = ChainID(obstacle.chain.tool, obstacle.chain.name)
        if obstacle.rule == obstacle.chain.policyWords {
            let old = earlier.baseChains.first { ChainID($0.tool, $0.name) == start }
            return obstacle.chain.packets.flatMap { now in old?.packets.map { now - $0 } }
        }
        guard let (id, rule) = rule(reading: obstacle.rule, from: obstacle.chain),
            let old = earlier.rules[id]?.first(where: { $0.text == rule.text })
        else { return nil }
        return rule.packets.flatMap { now in old.packets.map { now - $0 } }
    }

    /// The chains that a base chain leads to, itself included.
    private func reached(from chain: BaseChain) -> [ChainID] {
        var found = [ChainID(chain.tool, chain.name)]
        var seen = Set(found)
        var next = 0
        while next < found.count {
            for rule in rules[found[next]] ?? [] {
                guard case .jump(let name) = rule.target.asJump else { continue }
                let id = ChainID(chain.tool, name)
                if seen.insert(id).inserted { found.append(id) }
            }
            next += 1
        }
        return found
    }
}

extension PacketFilter.BaseChain {
    /// How a verdict names the chain's policy.
    var policyWords: String { "the policy of \(name)" }
}

extension PacketFilter.Rule.Target {
    /// A jump for a goto.
    fileprivate var asJump: Self {
        if case .goto(let name) = self { .jump(name) } else { self }
    }
}

extension PacketFilter.Obstacle {
    /// The command that accepts a protocol before the rule, in the chain that leads to it.
    package func acceptance(ofProtocol number: Int) -> String {
        switch chain.tool {
        case .nftables(let family, let table):
            return "nft insert rule \(family) \(table) \(chain.name) meta l4proto \(number) accept"
        case .iptables(let command, _, let table):
            return
                "\(command)\(table == "filter" ? "" : " -t \(table)") -I \(chain.name) -p \(number) -j ACCEPT"
        }
    }

    /// The rule with the table that it is in, unless that is the usual one.
    package var words: String {
        switch chain.tool {
        case .iptables(let command, _, let table) where table != "filter":
            return rule.hasPrefix("-A ")
                ? "\(command) -t \(table) \(rule)" : "\(rule) of \(command) -t \(table)"
        case .nftables(let family, let table) where !chain.isUsual:
            return
                "\(rule)  (nft table \(family) \(table), chain \(chain.name), hook \(chain.point.rawValue))"
        default: return rule
        }
    }
}
