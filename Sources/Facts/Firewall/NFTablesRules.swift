import Addresses

extension PacketFilter {
    /// Parses `nft list ruleset`; tables that iptables manages there are read from iptables instead.
    mutating func add(nftRuleset lines: some Sequence<Substring>) {
        var tool: Tool?
        var chain: String?
        var isForeign = false
        // Computed once, because a ruleset may have as many tables as chains.
        let readFromIPTables = tablesOfIPTables()
        var depth = 0
        for line in lines {
            let text = line.drop { $0 == " " || $0 == "\t" }
            if text.hasPrefix("#") {
                if text.contains("managed by iptables-nft") { isForeign = true }
                continue
            }
            let words = Self.words(of: text)
            guard let first = words.first else { continue }
            if first == "table", words.count >= 3, depth == 0 {
                let isRead = readFromIPTables.contains("\(words[1]) \(words[2])")
                tool = isForeign || isRead ? nil : .nftables(family: words[1], table: words[2])
                isForeign = false
                depth = 1
            } else if words.last == "{", depth >= 1, first != "chain" || depth > 1 {
                depth += 1
            } else if first == "chain", words.count >= 3 {
                chain = words[1]
                depth = 2
            } else if first == "}" {
                depth -= 1
                if depth <= 1 { chain = nil }
                if depth <= 0 { tool = nil }
            } else if let tool, let chain, depth == 2 {
                if first == "type" {
                    addBase(chain, words, tool)
                } else if first != "policy" {
                    rules[ChainID(tool, chain), default: []].append(Self.nftRule(words, text: String(text)))
                }
            }
        }
    }

    /// The tables, `ip filter`, that were already read from iptables. Only newer releases of nft mark such tables
    /// themselves.
    private func tablesOfIPTables() -> Set<String> {
        baseChains.reduce(into: []) { tables, chain in
            if case .iptables(let command, let isIPv6, let table) = chain.tool, !command.hasSuffix("-legacy")
            {
                tables.insert("\(isIPv6 ? "ip6" : "ip") \(table)")
            }
        }
    }

    /// `type filter hook input priority filter; policy drop;`, or `type filter hook ingress device "eth0" priority 0; …`.
    private mutating func addBase(_ chain: String, _ words: [String], _ tool: Tool) {
        guard words.count >= 4, words[1] == "filter" || words[1] == "route", words[2] == "hook",
            let point = Point(rawValue: words[3])
        else { return }
        var devices: Set<String>?
        if let start = words.firstIndex(where: { $0 == "device" || $0 == "devices" }) {
            let names = words[(start + 1)...].prefix { $0 != "priority" }
            devices = Set(names.map { $0.filter { !"{},=".contains($0) } }.filter { !$0.isEmpty })
        }
        let policy = words.firstIndex(of: "policy").flatMap {
            words.indices.contains($0 + 1) ? words[$0 + 1] : nil
        }
        baseChains.append(
            BaseChain(
                tool: tool, name: chain, point: point, dropsByDefault: policy?.hasPrefix("drop") ?? false,
                devices: devices)
        )
    }

    private static func nftRule(_ words: [String], text: String) -> Rule {
        var rule = Rule(text: uncounted(text))
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "accept": rule.target = .accept
            case "drop": rule.target = .drop
            case "reject":
                rule.target = .drop
                return rule
            case "return": rule.target = .return
            case "jump": rule.target = .jump(rest.popFirst() ?? "")
            case "goto": rule.target = .goto(rest.popFirst() ?? "")
            case "comment": rule.isOurs = rest.popFirst() == "haops"
            case "counter":
                // `counter packets 0 bytes 0`
                if rest.first == "packets" { rule.packets = rest.dropFirst().first.flatMap { Int($0) } }
                while let next = rest.first, next == "packets" || next == "bytes" || Int(next) != nil {
                    rest.removeFirst()
                }
            case "meta", "ip", "ip6", "iifname", "oifname", "iif", "oif", "ct", "icmp", "icmpv6", "tcp",
                "udp",
                "th":
                match(word, &rest, &rule)
            case "log":
                // A verdict ends the options of a log statement.
                while let next = rest.first, !verdicts.contains(next) { rest.removeFirst() }
            default: rule.isConditional = true
            }
        }
        return rule
    }

    /// The text of a rule without the values of its counter, which differ from one look to the next.
    private static func uncounted(_ text: String) -> String {
        guard let range = text.firstRange(of: "counter packets ") else { return text }
        let rest = text[range.upperBound...].split(
            separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard rest.count >= 3, rest[1] == "bytes" else { return text }
        return text[..<range.lowerBound] + "counter" + (rest.count > 3 ? " " + rest[3] : "")
    }

    private static let verdicts: Set<String> = [
        "accept", "drop", "reject", "return", "jump", "goto", "comment", "counter",
    ]

    private static func match(_ word: String, _ rest: inout ArraySlice<String>, _ rule: inout Rule) {
        var key = word
        if ["meta", "ip", "ip6", "ct", "icmp", "icmpv6", "tcp", "udp", "th"].contains(word) {
            key += " " + (rest.popFirst() ?? "")
        }
        switch word {
        case "ip", "icmp": rule.isIPv6 = false
        case "ip6", "icmpv6": rule.isIPv6 = true
        default: break
        }
        let isNegated = rest.first == "!="
        if isNegated { rest.removeFirst() }
        let values = operands(&rest)
        switch key {
        case "meta l4proto", "ip protocol", "ip6 nexthdr":
            rule.protocols = isNegated ? nil : Set(values.compactMap(protocolNumber))
            if isNegated { rule.isConditional = true }
        case "iifname", "oifname", "iif", "oif":
            if values.count == 1, !isNegated { rule.interface = values[0] } else { rule.isConditional = true }
        case "ip saddr", "ip6 saddr":
            if values.count == 1, !isNegated, let cidr = CIDR(values[0]) {
                rule.source = cidr
            } else {
                rule.isConditional = true
            }
        case "ip daddr", "ip6 daddr":
            if values.count == 1, !isNegated, let cidr = CIDR(values[0]) {
                rule.destination = cidr
            } else {
                rule.isConditional = true
            }
        case "meta protocol" where !isNegated && (values == ["ip"] || values == ["ip6"]):
            rule.isIPv6 = values == ["ip6"]
        case "meta nfproto" where !isNegated && (values == ["ipv4"] || values == ["ipv6"]):
            rule.isIPv6 = values == ["ipv6"]
        // Adverts do not belong to a redirected connection.
        case "ct status" where !isNegated && Set(values).isSubset(of: ["dnat", "snat"]):
            rule.needsConnection = true
        case "ct state":
            if !isNegated, !values.contains("new"), !values.contains("untracked") {
                rule.needsConnection = true
            }
        case _ where key.hasPrefix("tcp") || key.hasPrefix("udp") || key.hasPrefix("th"):
            rule.protocols = key.hasPrefix("tcp") ? [6] : key.hasPrefix("udp") ? [17] : [6, 17]
        case _ where key.hasPrefix("icmpv6"):
            rule.protocols = [58]
            rule.isConditional = true
        case _ where key.hasPrefix("icmp"):
            rule.protocols = [1]
            // A rule for echo requests suffices for a ping.
            if !values.contains("echo-request") { rule.isConditional = true }
        default: rule.isConditional = true
        }
    }

    /// `vrrp`, or `{ icmp, vrrp }`, or `established,related`.
    private static func operands(_ rest: inout ArraySlice<String>) -> [String] {
        guard let first = rest.popFirst() else { return [] }
        guard first.hasPrefix("{") else { return first.split(separator: ",").map(String.init) }
        var values: [String] = []
        var word: String? = String(first.dropFirst())
        while let current = word {
            let isLast = current.hasSuffix("}")
            values += (isLast ? current.dropLast() : current[...]).split(separator: ",").map(String.init)
            if isLast { break }
            word = rest.popFirst()
        }
        return values
    }
}
