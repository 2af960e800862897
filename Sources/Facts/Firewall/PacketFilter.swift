package import Addresses

/// A machine's packet filter for packets that enter or leave the machine itself.
package struct PacketFilter: Hashable, Sendable {
    /// Whether packets enter the machine or leave it.
    package enum Hook: String, Sendable, CaseIterable { case input, output }

    /// A place in the kernel where chains are called, in the order of a packet's way.
    package enum Point: String, Sendable, CaseIterable {
        case ingress, prerouting, input, output, postrouting, egress

        package var hook: Hook {
            switch self {
            case .ingress, .prerouting, .input: .input
            case .output, .postrouting, .egress: .output
            }
        }
    }

    /// The tool and the table that manage a set of rules.
    package enum Tool: Hashable, Sendable {
        /// iptables with its command (`iptables`, `ip6tables-legacy`…) and its table (`filter`, `raw`…).
        case iptables(command: String, isIPv6: Bool, table: String = "filter")
        /// A table of nftables: `inet filter`.
        case nftables(family: String, table: String)
    }

    /// A chain that the kernel calls directly. A packet must pass all such chains of its hook.
    package struct BaseChain: Hashable, Sendable {
        package var tool: Tool
        package var name: String
        package var point: Point
        package var dropsByDefault: Bool
        /// The interfaces whose packets it sees; `nil` for all.
        package var devices: Set<String>?
        /// The packets that its policy has decided on, if it counts them.
        package var packets: Int?

        package var hook: Hook { point.hook }

        /// Whether it is the chain where rules about the machine's own packets usually are. haops adds rules only there.
        package var isUsual: Bool {
            guard point == .input || point == .output else { return false }
            if case .iptables(_, _, let table) = tool { return table == "filter" }
            return true
        }

        package init(
            tool: Tool, name: String, hook: Hook, dropsByDefault: Bool
        ) {
            self.init(
                tool: tool, name: name, point: hook == .input ? .input : .output,
                dropsByDefault: dropsByDefault)
        }

        package init(
            tool: Tool, name: String, point: Point, dropsByDefault: Bool, devices: Set<String>? = nil,
            packets: Int? = nil
        ) {
            self.tool = tool
            self.name = name
            self.point = point
            self.dropsByDefault = dropsByDefault
            self.devices = devices
            self.packets = packets
        }
    }

    /// A program in the path of packets whose decisions cannot be read: eBPF, or a classifier of tc.
    package struct Program: Hashable, Sendable {
        package var interface: String
        package var hook: Hook
        /// `xdp`, `tc ingress`, `tcx/egress`…
        package var kind: String

        package init(interface: String, hook: Hook, kind: String) {
            self.interface = interface
            self.hook = hook
            self.kind = kind
        }
    }

    /// One rule: its match conditions, as far as they are supported here, and its target.
    package struct Rule: Hashable, Sendable {
        package enum Target: Hashable, Sendable {
            case accept, drop
            case jump(String)
            case goto(String)
            case `return`
            /// The rule only counts, logs or marks, and the next rule follows.
            case proceed
        }

        /// A field that a rule may negate: `! -p tcp` matches every protocol except TCP.
        package enum Field: Hashable, Sendable { case protocols, interface, source, destination }

        package var text: String
        package var target: Target
        /// `nil` matches every protocol.
        package var protocols: Set<Int>?
        package var interface: String?
        package var source: CIDR?
        package var destination: CIDR?
        /// Negated fields, which match all values except the given ones.
        package var excepted: Set<Field> = []
        /// `nil` matches both families.
        package var isIPv6: Bool?
        /// Whether it matches only packets of known connections.
        package var needsConnection: Bool
        /// Whether it has conditions that are not supported here.
        package var isConditional: Bool
        /// Whether haops wrote it.
        package var isOurs: Bool
        /// The packets that it has matched, if it counts them.
        package var packets: Int?

        package init(
            text: String, target: Target = .proceed, protocols: Set<Int>? = nil, interface: String? = nil,
            source: CIDR? = nil, destination: CIDR? = nil, isIPv6: Bool? = nil, needsConnection: Bool = false,
            isConditional: Bool = false, isOurs: Bool = false
        ) {
            self.text = text
            self.target = target
            self.protocols = protocols
            self.interface = interface
            self.source = source
            self.destination = destination
            self.isIPv6 = isIPv6
            self.needsConnection = needsConnection
            self.isConditional = isConditional
            self.isOurs = isOurs
        }

        /// Whether its protocols include this one.
        package func takes(protocolNumber: Int) -> Bool {
            guard let protocols else { return true }
            return matches(.protocols, isNamed: protocols.contains(protocolNumber))
        }

        func matches(_ field: Field, isNamed: Bool) -> Bool { isNamed != excepted.contains(field) }
    }

    package var baseChains: [BaseChain]
    package var rules: [ChainID: [Rule]]
    package var firewalld: Firewalld?
    /// The installed commands, of `iptables`, `ip6tables`, `nft`, `firewall-cmd`.
    package var commands: Set<String>
    /// Enabled services that load rules at boot: `nftables`, `netfilter-persistent`, `iptables`…
    package var loaders: Set<String>
    /// What else may drop packets and cannot be read.
    package var programs: Set<Program> = []

    package struct ChainID: Hashable, Sendable {
        package var tool: Tool
        package var name: String

        package init(_ tool: Tool, _ name: String) {
            self.tool = tool
            self.name = name
        }
    }

    package init(
        baseChains: [BaseChain] = [], rules: [ChainID: [Rule]] = [:], firewalld: Firewalld? = nil,
        commands: Set<String> = [], loaders: Set<String> = []
    ) {
        self.baseChains = baseChains
        self.rules = rules
        self.firewalld = firewalld
        self.commands = commands
        self.loaders = loaders
    }
}

/// A packet whose passage through a filter is examined.
package struct FilteredPacket: Hashable, Sendable {
    /// IANA's number: 112 is VRRP, 1 ICMP, 58 ICMPv6.
    package var protocolNumber: Int
    package var isIPv6: Bool
    /// The interface that it enters or leaves through.
    package var interface: String?
    /// Its possible sources (entering) or destinations (leaving); empty when they do not matter.
    package var peers: [IPAddress]
    /// Its possible destinations (entering) or sources (leaving); empty when they are not known.
    package var own: [IPAddress] = []
    /// Whether the filter has seen packets of the same connection in the opposite direction.
    package var isReply = false

    package init(protocolNumber: Int, isIPv6: Bool, interface: String? = nil, peers: [IPAddress] = []) {
        self.protocolNumber = protocolNumber
        self.isIPv6 = isIPv6
        self.interface = interface
        self.peers = peers
    }

    package static let vrrpProtocol = 112

    package static func vrrp(isIPv6: Bool, interface: String?, peers: [IPAddress]) -> FilteredPacket {
        FilteredPacket(protocolNumber: vrrpProtocol, isIPv6: isIPv6, interface: interface, peers: peers)
    }

    package static func icmp(isIPv6: Bool) -> FilteredPacket {
        FilteredPacket(protocolNumber: isIPv6 ? 58 : 1, isIPv6: isIPv6)
    }
}

extension PacketFilter {
    package enum Verdict: Hashable, Sendable {
        case accepted
        /// The text of the rule, or the chain's policy.
        case dropped(by: String)
        /// A rule with unsupported conditions decides.
        case uncertain(String)
    }

    /// The base chains of a hook that see packets of an address family, and where rules about the machine's own packets
    /// usually are.
    package func chains(_ hook: Hook, isIPv6: Bool) -> [BaseChain] {
        baseChains.filter { $0.hook == hook && $0.isUsual && $0.tool.sees(isIPv6: isIPv6) }
    }

    /// All base chains on a packet's way, of every table.
    package func allChains(_ hook: Hook, for packet: FilteredPacket) -> [BaseChain] {
        baseChains.filter { chain in
            guard chain.hook == hook, chain.tool.sees(isIPv6: packet.isIPv6) else { return false }
            guard let devices = chain.devices, let interface = packet.interface else { return true }
            return devices.contains(interface)
        }
    }

    /// The verdict on a packet in one base chain: the first matching rule decides, or the policy after the last.
    ///
    /// - `ignoringOurs`: ignores the rules that haops wrote.
    package func verdict(
        on packet: FilteredPacket, in chain: BaseChain, ignoringOurs: Bool = false
    ) -> Verdict {
        var walked: [ChainID: Walk] = [:]
        switch walk(ChainID(chain.tool, chain.name), packet, chain.hook, ignoringOurs, &walked, depth: 0) {
        case .decided(let verdict): return verdict
        case .fellThrough:
            return chain.dropsByDefault ? .dropped(by: chain.policyWords) : .accepted
        }
    }

    /// The rule with this text that drops or rejects, among the chains that a base chain leads to.
    package func rule(reading text: String, from chain: BaseChain) -> (chain: ChainID, rule: Rule)? {
        var waiting = [ChainID(chain.tool, chain.name)]
        var seen = Set(waiting)
        while let id = waiting.popLast() {
            for rule in rules[id] ?? [] {
                switch rule.target {
                case .drop where rule.text == text: return (id, rule)
                case .jump(let name), .goto(let name):
                    let next = ChainID(chain.tool, name)
                    if seen.insert(next).inserted { waiting.append(next) }
                case .accept, .drop, .return, .proceed: break
                }
            }
        }
        return nil
    }

    /// The verdict on a packet at a hook, where it must pass every base chain. Doubts count where rules about the
    /// machine's own packets usually are: the other tables are full of rules for packets that it forwards.
    package func verdict(
        on packet: FilteredPacket, at hook: Hook, ignoringOurs: Bool = false
    ) -> Verdict {
        var doubt: Verdict?
        for chain in allChains(hook, for: packet) {
            switch verdict(on: packet, in: chain, ignoringOurs: ignoringOurs) {
            case .accepted: continue
            case .dropped(let rule): return .dropped(by: rule)
            case .uncertain(let rule): if chain.isUsual { doubt = doubt ?? .uncertain(rule) }
            }
        }
        return doubt ?? .accepted
    }

    private enum Walk {
        case decided(Verdict)
        case fellThrough
    }

    /// - `walked`: the results of chains that were already evaluated. Each chain is evaluated once, however many
    ///   rules lead to it: if each chain calls the next one twice, the work would otherwise double with every chain.
    private func walk(
        _ chain: ChainID, _ packet: FilteredPacket, _ hook: Hook, _ ignoringOurs: Bool,
        _ walked: inout [ChainID: Walk], depth: Int
    ) -> Walk {
        if let known = walked[chain] { return known }
        let doubt = Walk.decided(.uncertain("chains that call each other"))
        guard depth < 32 else { return doubt }
        walked[chain] = doubt
        let outcome = follow(chain, packet, hook, ignoringOurs, &walked, depth: depth)
        walked[chain] = outcome
        return outcome
    }

    private func follow(
        _ chain: ChainID, _ packet: FilteredPacket, _ hook: Hook, _ ignoringOurs: Bool,
        _ walked: inout [ChainID: Walk], depth: Int
    ) -> Walk {
        for rule in rules[chain] ?? [] where !(ignoringOurs && rule.isOurs) {
            let match = match(rule, packet, hook)
            guard match != .no else { continue }
            switch rule.target {
            case .proceed: continue
            case .return:
                if match == .yes { return .fellThrough }
            case .accept:
                // A rule that only may accept is ignored, and the following rules decide.
                if match == .yes { return .decided(.accepted) }
            case .drop:
                return .decided(match == .yes ? .dropped(by: rule.text) : .uncertain(rule.text))
            case .jump(let name), .goto(let name):
                let inner = walk(
                    ChainID(chain.tool, name), packet, hook, ignoringOurs, &walked, depth: depth + 1)
                if case .decided(let verdict) = inner {
                    if match == .yes { return inner }
                    if verdict != .accepted { return .decided(.uncertain(rule.text)) }
                } else if case .goto = rule.target, match == .yes {
                    return .fellThrough
                }
            }
        }
        return .fellThrough
    }

    enum Match { case yes, no, maybe }

    func match(_ rule: Rule, _ packet: FilteredPacket, _ hook: Hook) -> Match {
        guard rule.takes(protocolNumber: packet.protocolNumber) else { return .no }
        if let isIPv6 = rule.isIPv6, isIPv6 != packet.isIPv6 { return .no }
        // A peer's first packet belongs to no connection, so a rule for known connections never matches it.
        if rule.needsConnection, !packet.isReply { return .no }
        if let name = rule.interface, let interface = packet.interface {
            let isPrefix = name.hasSuffix("+") || name.hasSuffix("*")
            let isNamed = isPrefix ? interface.hasPrefix(name.dropLast()) : interface == name
            guard rule.matches(.interface, isNamed: isNamed) else { return .no }
        } else if rule.interface != nil {
            return .maybe
        }
        let near = hook == .input ? rule.source : rule.destination
        let far = hook == .input ? rule.destination : rule.source
        if let near {
            let field: Rule.Field = hook == .input ? .source : .destination
            let matching = packet.peers.filter { rule.matches(field, isNamed: near.contains($0)) }.count
            if matching == 0 { return packet.peers.isEmpty ? .maybe : .no }
            if matching < packet.peers.count { return .maybe }
        }
        if let far {
            let field: Rule.Field = hook == .input ? .destination : .source
            let matching = packet.own.filter { rule.matches(field, isNamed: far.contains($0)) }.count
            if matching == 0 { return packet.own.isEmpty ? .maybe : .no }
            if matching < packet.own.count { return .maybe }
        }
        return rule.isConditional ? .maybe : .yes
    }
}

extension PacketFilter.Tool {
    fileprivate func sees(isIPv6: Bool) -> Bool {
        switch self {
        case .iptables(_, let six, _): six == isIPv6
        case .nftables(let family, _): ["inet", "netdev", isIPv6 ? "ip6" : "ip"].contains(family)
        }
    }
}
