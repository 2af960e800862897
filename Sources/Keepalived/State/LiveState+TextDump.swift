extension LiveState {
    /// Reads `/tmp/keepalived.data`, which every build writes on SIGUSR1.
    ///
    /// `nil` when it has no VRRP part, for example because it is still being written. The plain-text password in
    /// the dump is skipped.
    package init?(dump: some Sequence<UInt8>) {
        var instances: [Instance] = []
        var inTopology = false
        var sawTopology = false
        var inAddresses = false
        for line in Array(dump).split(separator: UInt8(ascii: "\n")) {
            let text = line.configurationText
            if text.hasPrefix("------<") {
                inTopology = text.contains("VRRP Topology")
                sawTopology = sawTopology || inTopology
                continue
            }
            guard inTopology else { continue }
            if let name = Self.value(of: "VRRP Instance", in: text) {
                instances.append(Instance(name: name, role: .initial))
                inAddresses = false
            } else if !instances.isEmpty {
                let last = instances.count - 1
                if inAddresses, text.hasPrefix("     ") {
                    if let word = text.split(separator: " ").first {
                        instances[last].addresses.append(String(word))
                    }
                } else {
                    // `Virtual IP = 2`, `Virtual IP :` or `Virtual IP (2):`, by the version; and `Excluded`.
                    inAddresses = text.hasPrefix("   Virtual IP")
                    Self.read(text, into: &instances[last])
                }
            }
        }
        guard sawTopology else { return nil }
        self.init(instances: instances)
    }

    /// Adds the counters from `/tmp/keepalived.stats`, which keepalived writes on SIGUSR2.
    ///
    /// They get the names of the JSON dump, so that callers need not know the source.
    package mutating func count(statistics: some Sequence<UInt8>) {
        var counts: [String: [String: Int]] = [:]
        var name: String?
        var heading = ""
        for line in Array(statistics).split(separator: UInt8(ascii: "\n")) {
            let text = line.configurationText
            guard let colon = text.lastIndex(of: ":") else { continue }
            let key = text[..<colon].drop { $0 == " " }
            let value = text[text.index(after: colon)...].drop { $0 == " " }
            if text.hasPrefix("VRRP Instance: ") {
                name = String(text.dropFirst("VRRP Instance: ".count))
            } else if let name {
                if !text.hasPrefix("    ") { heading = String(key) }
                let title = text.hasPrefix("    ") ? "\(heading): \(key)" : String(key)
                if let count = Int(value), let known = Self.countNames[title] {
                    counts[name, default: [:]][known] = count
                }
            }
        }
        for index in instances.indices {
            instances[index].counters = counts[instances[index].name].map { Counters(named: $0) }
        }
    }

    private static let countNames = [
        "Advertisements: Received": "advert_rcvd", "Advertisements: Sent": "advert_sent",
        "Became master": "become_master", "Released master": "release_master",
        "Packet Errors: Length": "packet_len_err", "Packet Errors: TTL": "ip_ttl_err",
        "Packet Errors: Invalid Type": "invalid_type_rcvd",
        "Packet Errors: Advertisement Interval": "advert_interval_err",
        "Packet Errors: Address List": "addr_list_err",
        "Authentication Errors: Invalid Type": "invalid_authtype",
        "Authentication Errors: Type Mismatch": "authtype_mismatch",
        "Authentication Errors: Failure": "auth_failure",
        "Authentication Extension Errors: Missing": "auth_ext_missing",
        "Authentication Extension Errors: Malformed": "auth_ext_malformed",
        "Authentication Extension Errors: Unknown Key": "auth_ext_unknown_key",
        "Authentication Extension Errors: Invalid HMAC": "auth_ext_invalid_hmac",
        "Authentication Extension Errors: Stale": "auth_ext_stale",
        "Authentication Extension Errors: Replay": "auth_ext_replay",
    ]

    /// The text after `KEY = `, with any leading blanks.
    private static func value(of key: String, in line: String) -> String? {
        let body = line.drop { $0 == " " }
        guard body.hasPrefix(key) else { return nil }
        let rest = body.dropFirst(key.count)
        guard rest.hasPrefix(" = ") else { return nil }
        return String(rest.dropFirst(3))
    }

    private static func read(_ line: String, into instance: inout Instance) {
        if let text = value(of: "State", in: line) {
            instance.role = Role(rawValue: text) ?? .initial
        } else if let text = value(of: "Interface", in: line) ?? value(of: "Listening device", in: line) {
            // `vrrp.51, vmac on eth0, xmit base i/f`; keepalived 1 uses the other keyword.
            instance.interface = String(text.prefix { $0 != "," })
        } else if let text = value(of: "VRRP Version", in: line) {
            instance.version = Int(text)
        } else if let text = value(of: "Virtual Router ID", in: line) {
            instance.routerID = Int(text) ?? 0
        } else if let text = value(of: "Priority", in: line) {
            instance.basePriority = Int(text)
        } else if let text = value(of: "Effective priority", in: line) {
            instance.effectivePriority = Int(text) ?? instance.basePriority
        } else if let text = value(of: "Master router", in: line) {
            instance.masterAddress = text
        } else if let text = value(of: "Master priority", in: line) {
            instance.masterPriority = Int(text)
        } else if let text = value(of: "Preempt", in: line) {
            instance.nopreempt = text == "disabled"
            // A line for the preempt delay follows only when there is one.
            instance.preemptDelay = .zero
        } else if let text = value(of: "Advert interval", in: line) {
            instance.advertInterval = hundredths(text)
        } else if let text = value(of: "Preempt delay", in: line) {
            instance.preemptDelay = seconds(text)
        } else if let text = value(of: "Down timer adverts", in: line) {
            instance.downTimerAdverts = Int(text)
        } else if let text = value(of: "Last transition", in: line) {
            instance.lastTransition = text.split(separator: " ").first.flatMap { Double($0) }
                .flatMap { Int(exactly: $0.rounded()) }
        }
    }

    /// `7.5 secs`; up to 1000.
    private static func seconds(_ text: String) -> Duration? {
        let number = text.split(separator: " ").first.flatMap { Double($0) }
        return number.flatMap { (0...1000).contains($0) ? .seconds($0) : nil }
    }

    /// `1 sec` or `500 milli-sec`.
    private static func hundredths(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 2, let number = Int(words[0]) else { return nil }
        return words[1] == "sec" ? number * 100 : number / 10
    }
}
