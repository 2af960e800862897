package import Addresses

/// The zones of a running firewalld: its current ones, and those that it will have after a restart.
///
/// A packet belongs to the zone that names its source, else to the zone of its incoming interface, else to the
/// default zone (firewalld.zones(5)).
package struct Firewalld: Hashable, Sendable {
    package struct Zone: Hashable, Sendable {
        /// `default`, `ACCEPT`, `DROP` or `%%REJECT%%`.
        package var target = "default"
        package var interfaces: Set<String> = []
        package var sources: [CIDR] = []
        /// Protocols that it accepts by name, directly or by a rich rule without other conditions.
        package var protocols: Set<String> = []

        /// - `name`: as in `/etc/protocols`: `vrrp`, `icmp`, `ipv6-icmp`.
        package func accepts(_ name: String) -> Bool {
            // firewalld.zone(5): a zone with the default target accepts ICMP, whatever else it rejects.
            target == "ACCEPT" || protocols.contains(name) || (target == "default" && name.hasSuffix("icmp"))
        }
    }

    package var defaultZone: String
    package var zones: [String: Zone]
    package var zonesForGood: [String: Zone]

    package init(defaultZone: String, zones: [String: Zone], zonesForGood: [String: Zone]) {
        self.defaultZone = defaultZone
        self.zones = zones
        self.zonesForGood = zonesForGood
    }

    /// The zones that decide on packets from these sources at an incoming interface.
    package func zones(of interface: String, peers: [IPAddress]) -> Set<String> {
        let bySource = peers.map { peer in
            zones.first { $0.value.sources.contains { $0.contains(peer) } }?.key
        }
        let byInterface = zones.first { $0.value.interfaces.contains(interface) }?.key ?? defaultZone
        return Set((bySource.isEmpty ? [nil] : bySource).map { $0 ?? byInterface })
    }

    /// The options of `firewall-cmd` that make a zone accept a protocol.
    package static func acceptance(of name: String, in zone: String) -> String {
        "--zone=\(zone) --add-rich-rule='\(rule(accepting: name))'"
    }

    private static func rule(accepting name: String) -> String { "rule protocol value=\"\(name)\" accept" }

    /// Parses the output of `firewall-cmd --list-all-zones`.
    static func zones(in lines: some Sequence<Substring>) -> [String: Zone] {
        var zones: [String: Zone] = [:]
        var current: String?
        for line in lines {
            if let first = line.first, !first.isWhitespace {
                // `public (active)`
                let name = String(line.prefix { $0 != " " })
                current = name
                zones[name] = Zone()
            } else if let name = current {
                zones[name]?.read(line.drop { $0.isWhitespace })
            }
        }
        return zones
    }
}

extension Firewalld.Zone {
    fileprivate mutating func read(_ line: Substring) {
        if line.hasPrefix("rule ") {
            // `rule protocol value="vrrp" accept`
            let words = line.split(separator: " ")
            if words.count == 4, words[1] == "protocol", words[3] == "accept", words[2].hasPrefix("value=") {
                protocols.insert(words[2].dropFirst(6).filter { $0 != "\"" })
            }
            return
        }
        guard let colon = line.firstIndex(of: ":") else { return }
        let values = line[line.index(after: colon)...].split(separator: " ").map(String.init)
        switch line[..<colon] {
        case "target": target = values.first ?? target
        case "interfaces": interfaces = Set(values)
        case "sources": sources = values.compactMap { CIDR($0) }
        case "protocols": protocols.formUnion(values)
        default: break
        }
    }
}
