import Addresses

/// Reads the lines of `virtual_routes`, `virtual_rules`, `static_routes` and `static_rules`.
///
/// The words are those of vrrp_iproute.c `alloc_route` and vrrp_iprule.c `alloc_rule`. Names of tables, scopes and
/// protocols are the machine's own (/etc/iproute2) and are not judged.
struct RouteReader {
    private var values: StatementValues
    private let block: Statement

    var problems: [ConfigurationProblem] { values.problems }

    /// - `owner`: the instance; empty for static routes and rules.
    init(_ block: Statement, owner: String) {
        self.block = block
        values = StatementValues(owner: owner)
    }

    private static let types: Set<String> = [
        "local", "nat", "broadcast", "brd", "anycast", "multicast", "prohibit", "unreachable", "blackhole",
        "xresolve", "unicast", "throw",
    ]

    /// What is known of a line's address family.
    private var isIPv6: Bool?

    mutating func readRoutes() {
        for line in block.block ?? [] {
            isIPv6 = nil
            readRoute(line)
        }
    }

    mutating func readRules() {
        for line in block.block ?? [] {
            isIPv6 = nil
            readRule(line)
        }
    }

    private enum Option {
        case flag
        case word
        /// An address of the line's family.
        case address
        /// An address, `default`, `any` or `all`.
        case destination
        case number(Int)
    }

    private static let routeOptions: [String: Option] = [
        "src": .address, "from": .destination, "tos": .word, "dsfield": .word, "table": .word,
        "protocol": .word, "scope": .word, "metric": .number(Int(UInt32.max)),
        "priority": .number(Int(UInt32.max)), "preference": .number(Int(UInt32.max)), "dev": .word,
        "oif": .word, "onlink": .flag, "expires": .number(Int(UInt32.max)), "mtu": .number(Int(UInt32.max)),
        "hoplimit": .number(255), "advmss": .number(Int(UInt32.max)), "rtt": .word, "rttvar": .word,
        "reordering": .number(Int(UInt32.max)), "window": .number(Int(UInt32.max)),
        "cwnd": .number(Int(UInt32.max)), "ssthresh": .number(Int(UInt32.max)), "realms": .word,
        "rto_min": .word, "initcwnd": .number(Int(UInt32.max)), "initrwnd": .number(Int(UInt32.max)),
        "features": .word, "quickack": .number(1), "congctl": .word, "pref": .word, "ttl-propagate": .word,
        "fastopen_no_cookie": .number(1), "add": .flag, "prepend": .flag, "append": .flag,
        "no_track": .flag, "track_group": .word, "vrf": .word,
    ]

    /// Options whose value may stand behind `lock`.
    private static let lockable: Set<String> = [
        "mtu", "advmss", "rtt", "rttvar", "reordering", "cwnd", "ssthresh", "rto_min", "congctl",
    ]

    private mutating func readRoute(_ line: Statement) {
        var words = line.words[...]
        var hasDestination = false
        while let word = words.popFirst() {
            switch word.text {
            case "inet", "inet6":
                guard agree(word, isIPv6: word.text == "inet6") else { return }
            case "via", "gw":
                if word.text == "gw" { deprecate(word, "write `via` instead of `gw`") }
                if let family = words.first, family.text == "inet" || family.text == "inet6" {
                    words.removeFirst()
                    guard agree(family, isIPv6: family.text == "inet6") else { return }
                }
                guard take(.address, word, &words) else { return }
            case "or":
                deprecate(word, "write `nexthop` instead of `or`")
                guard take(.address, word, &words) else { return }
            case "nexthop", "encap", "as":
                // What follows has a grammar of its own, which is not looked at.
                words = []
            default:
                if let option = Self.routeOptions[word.text] {
                    if Self.lockable.contains(word.text), words.first?.text == "lock" { words.removeFirst() }
                    guard take(option, word, &words) else { return }
                } else {
                    guard readDestination(word, &words) else { return }
                    hasDestination = true
                }
            }
        }
        if !hasDestination {
            note(.unknownValue, line.words[0], "the route has no destination, and keepalived ignores it")
        }
    }

    private mutating func readDestination(_ first: Word, _ words: inout ArraySlice<Word>) -> Bool {
        var word = first
        for prefix in ["to", nil] {
            guard prefix.map({ $0 == word.text }) ?? Self.types.contains(word.text) else { continue }
            guard let next = words.popFirst() else { return missing(first) }
            word = next
        }
        return readAddress(word, allowsNames: true, "keepalived ignores the route")
    }

    private static let ruleOptions: [String: Option] = [
        "from": .destination, "to": .destination, "preference": .number(Int(UInt32.max)),
        "order": .number(Int(UInt32.max)), "priority": .number(Int(UInt32.max)), "tos": .word,
        "dsfield": .word,
        "fwmark": .word, "realms": .word, "suppress_prefixlength": .number(Int(Int32.max)),
        "sup_pl": .number(Int(Int32.max)), "suppress_ifgroup": .word, "sup_group": .word, "dev": .word,
        "iif": .word, "oif": .word, "tunnel-id": .word, "uidrange": .word, "protocol": .number(255),
        "ipproto": .word, "sport": .word, "dport": .word, "no_track": .flag, "track_group": .word,
        "not": .flag,
    ]

    private mutating func readRule(_ line: Statement) {
        var words = line.words[...]
        var hasPreference = false
        var actions = 0
        while let word = words.popFirst() {
            if let option = Self.ruleOptions[word.text] {
                if ["preference", "order", "priority"].contains(word.text) { hasPreference = true }
                guard take(option, word, &words) else { return }
                continue
            }
            var action = word
            if word.text == "type" {
                guard let next = words.popFirst() else {
                    _ = missing(word)
                    return
                }
                action = next
            }
            switch action.text {
            case "inet", "inet6":
                guard agree(action, isIPv6: action.text == "inet6") else { return }
                continue
            case "table", "lookup":
                guard take(.word, action, &words) else { return }
            case "goto":
                guard take(.number(Int(UInt32.max)), action, &words) else { return }
            case "l3mdev", "nop", "blackhole", "unreachable", "prohibit":
                break
            default:
                note(.unknownOption, action, "keepalived ignores the rule")
                return
            }
            actions += 1
        }
        if actions == 0 {
            note(
                .unknownValue, line.words[0],
                "the rule has no action such as `table NAME`, and keepalived ignores it")
        } else if actions > 1 {
            note(.unknownValue, line.words[0], "the rule has more than one action, and keepalived ignores it")
        } else if !hasPreference {
            note(
                .unknownValue, line.words[0],
                "the rule has no `preference`, and keepalived chooses one, which may be another after a reload"
            )
        }
    }

    /// - Returns: false when keepalived drops the line, or ends.
    private mutating func take(_ option: Option, _ keyword: Word, _ words: inout ArraySlice<Word>) -> Bool {
        if case .flag = option { return true }
        guard let word = words.popFirst() else { return missing(keyword) }
        switch option {
        case .flag, .word:
            return true
        case .address:
            return readAddress(word, allowsNames: false, "keepalived ignores the line")
        case .destination:
            return readAddress(word, allowsNames: true, "keepalived ignores the line")
        case .number(let most):
            let isHex = word.text.hasPrefix("0x")
            let number = NumberText(word.text)
            guard isHex || number.isClean && (0...most).contains(number.value) else {
                note(number.isClean ? .outOfRange : .notANumber, word, "keepalived ignores the line")
                return false
            }
            return true
        }
    }

    private mutating func readAddress(_ word: Word, allowsNames: Bool, _ consequence: String) -> Bool {
        if allowsNames, ["default", "any", "all", "default6"].contains(word.text) { return true }
        let parts = word.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])), allowsNames || parts.count == 1 else {
            note(.invalidAddress, word, consequence)
            return false
        }
        if parts.count == 2 {
            let length = NumberText(String(parts[1]))
            if !length.isClean || !(0...address.bitWidth).contains(length.value) {
                note(.outOfRange, word, "keepalived uses /\(address.bitWidth)")
            }
        }
        return agree(word, isIPv6: address.isIPv6)
    }

    /// - Returns: false when the line has both families, so that keepalived drops it.
    private mutating func agree(_ word: Word, isIPv6: Bool) -> Bool {
        if let known = self.isIPv6, known != isIPv6 {
            note(.familyMismatch, word, "IPv4 and IPv6 do not go together, and keepalived ignores the line")
            return false
        }
        self.isIPv6 = isIPv6
        return true
    }

    private mutating func missing(_ keyword: Word) -> Bool {
        values.note(
            .missingArgument, block, text: keyword.text, at: keyword.location,
            "keepalived stops with \"*** Configuration line … is missing a parameter\"")
        return false
    }

    private mutating func deprecate(_ word: Word, _ advice: String) {
        values.note(.deprecated, block, text: word.text, at: word.location, advice)
    }

    private mutating func note(_ kind: ConfigurationProblem.Kind, _ word: Word, _ consequence: String) {
        values.note(kind, block, text: word.text, at: word.location, consequence)
    }
}
