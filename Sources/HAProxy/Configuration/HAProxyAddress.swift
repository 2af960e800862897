package import Addresses

/// A host and a port in the syntax of haproxy: `203.0.113.50:80`, `ipv6@[2001:db8::50]:80`, `:80`, `web1:8080`.
package struct HAProxyAddress: Hashable, Sendable {
    /// As written.
    package var text: String
    /// Without its family and brackets; empty or `*` for every address.
    package var host: String
    /// As written, because it may be a range; `nil` without a port.
    package var port: String?

    /// `nil` for a socket that has no address: `/run/web.sock`, `unix@…`, `abns@…`, `fd@…`.
    package init?(_ text: some StringProtocol) {
        self.text = String(text)
        var rest = text[...]
        if rest.hasPrefix("/") { return nil }
        if let at = rest.firstIndex(of: "@") {
            guard Self.streamFamilies.contains(String(rest[..<at])) else { return nil }
            rest = rest[rest.index(after: at)...]
        }
        // haproxy takes the last colon outside brackets as the port's separator.
        if let colon = rest.lastIndex(where: { $0 == ":" || $0 == "]" }), rest[colon] == ":" {
            port = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        if rest.hasPrefix("["), rest.hasSuffix("]") { rest = rest.dropFirst().dropLast() }
        host = String(rest)
    }

    private static let streamFamilies: Set<String> = [
        "ipv4", "ipv6", "tcp", "tcp4", "tcp6", "mptcp", "mptcp4", "mptcp6",
    ]

    /// `nil` for a name and for every address.
    package var address: IPAddress? { IPAddress(host) }

    /// Whether it means every address of the machine.
    package var isAny: Bool { host.isEmpty || host == "*" }
}
