package import Addresses

/// A host and a port as haproxy writes them: `203.0.113.50:80`, `[2001:db8::50]:80`, `web.example.net:80`, `*:80`.
package struct Endpoint: Hashable, Sendable {
    /// Without brackets; `*` or empty for every address.
    package var host: String
    package var port: Int

    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), (1...65535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard IPAddress(host)?.isIPv6 == true else { return nil }
        } else if host.contains(":") {
            // haproxy takes the last colon as the port's separator, so an IPv6 address without brackets is
            // ambiguous. Only `:::80` is clear.
            guard host == "::" else { return nil }
        } else if !host.isEmpty, host != "*" {
            guard isHostName(String(host)) else { return nil }
        }
        self.host = String(host)
        self.port = port
    }

    /// `nil` for a name or for every address.
    package var address: IPAddress? { IPAddress(host) }
}
