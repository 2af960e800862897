import Addresses

extension PacketFilter {
    /// Reads the `filter` table of `iptables-save`.
    mutating func add(iptablesSave lines: some Sequence<Substring>, command: String, isIPv6: Bool) {
        let tool = Tool.iptables(command: command, isIPv6: isIPv6)
        var inFilter = false
        for line in lines {
            if line.hasPrefix("*") {
                inFilter = line == "*filter"
            } else if inFilter, line.hasPrefix(":") {
                // `:INPUT DROP [12:840]`
                let words = line.dropFirst().split(separator: " ")
                guard words.count >= 2, let hook = Hook(rawValue: words[0].lowercased()),
                    words[0].allSatisfy(\.isUppercase)
                else { continue }
                baseChains.append(
                    BaseChain(
                        tool: tool, name: String(words[0]), hook: hook, dropsByDefault: words[1] == "DROP"))
            } else if inFilter, line.hasPrefix("-A ") {
                let words = Self.words(of: line.dropFirst(3))
                guard let chain = words.first else { continue }
                rules[ChainID(tool, chain), default: []].append(
                    Self.rule(words: words.dropFirst(), text: String(line)))
            }
        }
    }

    private static func rule(words: ArraySlice<String>, text: String) -> Rule {
        var rule = Rule(text: text)
        var words = words
        while let option = words.popFirst() {
            if option == "!" {
                rule.isConditional = true
                continue
            }
            switch option {
            case "-p": rule.protocols = words.popFirst().flatMap(protocolNumber).map { [$0] } ?? []
            case "-i", "-o": rule.interface = words.popFirst()
            case "-s": rule.source = words.popFirst().flatMap { CIDR($0) }
            case "-d": rule.destination = words.popFirst().flatMap { CIDR($0) }
            case "-j", "-g":
                let name = words.popFirst() ?? ""
                switch name {
                case "ACCEPT": rule.target = .accept
                case "DROP", "REJECT": rule.target = .drop
                case "RETURN": rule.target = .return
                case "LOG", "NFLOG", "MARK", "CONNMARK", "AUDIT", "TRACE": rule.target = .proceed
                default: rule.target = option == "-g" ? .goto(name) : .jump(name)
                }
                // What follows are the target's own options.
                return rule
            case "-m":
                if let module = words.popFirst(), !plainModules.contains(module) { rule.isConditional = true }
            case "--comment": rule.isOurs = words.popFirst() == "haops"
            case "--ctstate", "--state":
                let states = (words.popFirst() ?? "").split(separator: ",")
                if !states.contains("NEW"), !states.contains("UNTRACKED") {
                    // INVALID is none of ours either.
                    rule.needsConnection = true
                }
            default: rule.isConditional = true
            }
        }
        return rule
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
