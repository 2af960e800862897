import Addresses

extension PacketFilter {
    /// Reads the tables of `iptables-save -c`, with or without counters; `nat` only rewrites addresses.
    mutating func add(iptablesSave lines: some Sequence<Substring>, command: String, isIPv6: Bool) {
        var open: Tool?
        for line in lines {
            if line.hasPrefix("*") {
                let table = String(line.dropFirst())
                open = table == "nat" ? nil : .iptables(command: command, isIPv6: isIPv6, table: table)
            } else if let tool = open, line.hasPrefix(":") {
                // `:INPUT DROP [12:840]`
                let words = line.dropFirst().split(separator: " ")
                guard words.count >= 2, let point = Point(rawValue: words[0].lowercased()),
                    words[0].allSatisfy(\.isUppercase)
                else { continue }
                baseChains.append(
                    BaseChain(
                        tool: tool, name: String(words[0]), point: point, dropsByDefault: words[1] == "DROP",
                        packets: words.count > 2 ? Self.packets(words[2]) : nil))
            } else if let tool = open, line.hasPrefix("-A ") || line.hasPrefix("[") {
                // `[12:840] -A INPUT -j DROP`
                let rest = line.hasPrefix("[") ? line.drop { $0 != "-" } : line
                guard rest.hasPrefix("-A ") else { continue }
                let words = Self.words(of: rest.dropFirst(3))
                guard let chain = words.first else { continue }
                var rule = Self.rule(words: words.dropFirst(), text: String(rest))
                rule.packets = line.hasPrefix("[") ? Self.packets(line.prefix { $0 != "]" }) : nil
                rules[ChainID(tool, chain), default: []].append(rule)
            }
        }
    }

    /// The first number of `[12:840]`.
    private static func packets(_ word: Substring) -> Int? { Int(word.dropFirst().prefix { $0 != ":" }) }

    private static func rule(words: ArraySlice<String>, text: String) -> Rule {
        var rule = Rule(text: text)
        var words = words
        while let option = words.popFirst() {
            if option == "!" {
                if let option = words.popFirst() { except(option, &words, in: &rule) }
                continue
            }
            switch option {
            case "-p", "-i", "-o", "-s", "-d": _ = match(option, &words, in: &rule)
            case "-j", "-g":
                let name = words.popFirst() ?? ""
                switch name {
                case "ACCEPT": rule.target = .accept
                case "DROP", "REJECT": rule.target = .drop
                case "RETURN": rule.target = .return
                case "LOG", "NFLOG", "MARK", "CONNMARK", "AUDIT", "TRACE": rule.target = .proceed
                default: rule.target = option == "-g" ? .goto(name) : .jump(name)
                }
                // The words that follow are the target's own options.
                return rule
            case "-m":
                if let module = words.popFirst(), !plainModules.contains(module) { rule.isConditional = true }
            case "--comment": rule.isOurs = words.popFirst() == "haops"
            case "--ctstate", "--state":
                // INVALID does not match the packets of interest either.
                if !areNew(words.popFirst()) { rule.needsConnection = true }
            default: rule.isConditional = true
            }
        }
        return rule
    }

    /// Parses a match option.
    ///
    /// - Returns: the field of the rule that it sets; `nil` when it is another kind of option.
    private static func match(
        _ option: String, _ words: inout ArraySlice<String>, in rule: inout Rule
    ) -> Rule.Field? {
        switch option {
        case "-p":
            rule.protocols = words.popFirst().flatMap(protocolNumber).map { [$0] } ?? []
            return .protocols
        case "-i", "-o":
            rule.interface = words.popFirst()
            return .interface
        case "-s":
            rule.source = network(words.popFirst(), in: &rule)
            return .source
        case "-d":
            rule.destination = network(words.popFirst(), in: &rule)
            return .destination
        default: return nil
        }
    }

    /// iptables also allows masks that are not prefixes; those are not supported here.
    private static func network(_ word: String?, in rule: inout Rule) -> CIDR? {
        let network = word.flatMap { CIDR($0) }
        if network == nil { rule.isConditional = true }
        return network
    }

    /// Parses the option after a `!`.
    private static func except(
        _ option: String, _ words: inout ArraySlice<String>, in rule: inout Rule
    ) {
        if let field = match(option, &words, in: &rule) {
            rule.excepted.insert(field)
        } else if option == "--ctstate" || option == "--state", areNew(words.popFirst()) {
            // Matches all but the first packet of a connection.
            rule.needsConnection = true
        } else {
            rule.isConditional = true
        }
    }

    /// Whether a list of connection states matches a packet without a connection.
    private static func areNew(_ states: String?) -> Bool {
        (states ?? "").split(separator: ",").contains { $0 == "NEW" || $0 == "UNTRACKED" }
    }

    private static let plainModules: Set<String> = ["comment", "conntrack", "state", "tcp", "udp", "icmp"]

    static func protocolNumber(_ name: String) -> Int? {
        let names = [
            "vrrp": 112, "icmp": 1, "ipv6-icmp": 58, "icmpv6": 58, "tcp": 6, "udp": 17, "ah": 51, "esp": 50,
        ]
        return names[name] ?? Int(name)
    }

    /// Words between spaces; `"…"` is one.
    static func words(of line: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        var isOpen = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
                isOpen = true
            } else if !isQuoted, character == " " || character == "\t" {
                if isOpen { words.append(word) }
                word = ""
                isOpen = false
            } else {
                word.append(character)
                isOpen = true
            }
        }
        if isOpen { words.append(word) }
        return words
    }
}
