package import Addresses

/// What tells other machines, without being asked, who has an address: a gratuitous ARP (RFC 5227, section 3), or an unsolicited
/// neighbour advertisement (RFC 4861, section 7.2.6).
package struct Announcement: Hashable, Sendable {
    package var address: IPAddress
    /// Who sent it, by its link-layer address.
    package var mac: MACAddress
    /// The interface on which it was heard; empty where tcpdump does not say that.
    package var interface: String

    package init(address: IPAddress, mac: MACAddress, interface: String = "") {
        (self.address, self.mac, self.interface) = (address, mac, interface)
    }

    /// What tcpdump captures for it: everything of ARP about these addresses, and all advertisements to every node.
    static func filter(_ addresses: [IPAddress]) -> String {
        let hosts = addresses.filter { !$0.isIPv6 }.map { "host \($0)" }.joined(separator: " or ")
        let neighbours =
            addresses.contains(where: \.isIPv6) ? ["icmp6 and ip6[40] == 136 and dst ff02::1"] : []
        return ((hosts.isEmpty ? [] : ["arp and (\(hosts))"]) + neighbours).map { "(\($0))" }
            .joined(separator: " or ")
    }

    /// Reads a line of `tcpdump -n -tt -e -i any`, of 4.9 to 4.99; `nil` for other lines and packets.
    ///
    ///     1796116650.321635 eth1  B   ifindex 3 02:00:00:00:01:0c ethertype ARP (0x0806), length 48: Request who-has 203.0.113.50 (ff:ff:ff:ff:ff:ff) tell 203.0.113.50, length 28
    ///     1796116650.321635   M 02:00:00:00:01:0c ethertype IPv6 (0x86dd), length 88: fe80::c > ff02::1: ICMP6, neighbor advertisement, tgt is 2001:db8:203::50, length 32
    ///
    /// - Returns: the announcement, and when it was captured by the clock of that machine; microseconds since 1970.
    static func captured(_ words: [Substring]) -> (time: Int, announcement: Announcement)? {
        guard let time = words.first.flatMap(WitnessLines.microseconds(sinceEpoch:)),
            let type = words.firstIndex(of: "ethertype"), (2...7).contains(type),
            let mac = MACAddress(words[type - 1]),
            let address = announced(words[type...], isBroadcast: words[..<type].contains("B"))
        else { return nil }
        let interface = words[2].count == 1 || words[2] == "Out" ? String(words[1]) : ""
        return (time, Announcement(address: address, mac: mac, interface: interface))
    }

    private static func announced(_ words: ArraySlice<Substring>, isBroadcast: Bool) -> IPAddress? {
        func address(behind word: Substring) -> IPAddress? {
            guard let index = words.firstIndex(of: word), words.indices.contains(index + 1) else {
                return nil
            }
            return IPAddress(String(words[index + 1].prefix { $0 != "," }))
        }
        if let asked = address(behind: "who-has") { return asked == address(behind: "tell") ? asked : nil }
        // An answer that is sent to everybody is one too.
        if words.contains("is-at") { return isBroadcast ? address(behind: "Reply") : nil }
        guard words.contains("advertisement,"), words.contains("ff02::1:"),
            let target = words.firstIndex(of: "tgt"), words.indices.contains(target + 2)
        else { return nil }
        return IPAddress(String(words[target + 2].prefix { $0 != "," }))
    }
}
