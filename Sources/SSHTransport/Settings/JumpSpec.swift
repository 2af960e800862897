/// One jump host in the syntax of `-J` and `ProxyJump`: `[user@]host[:port]` or `ssh://[user@]host[:port]`.
struct JumpSpec: Hashable, Sendable {
    var user: String?
    var host: String
    var port: Int?

    /// - Returns: `nil` when `text` has neither form.
    init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("ssh://") { rest = rest.dropFirst(6) }
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
            if user?.isEmpty != false { return nil }
        }
        var portText: Substring?
        if rest.hasPrefix("[") {
            guard let close = rest.firstIndex(of: "]") else { return nil }
            let after = rest[rest.index(after: close)...]
            host = String(rest[rest.index(after: rest.startIndex)..<close])
            if !after.isEmpty {
                guard after.hasPrefix(":") else { return nil }
                portText = after.dropFirst()
            }
        } else if let colon = rest.firstIndex(of: ":"), rest.lastIndex(of: ":") == colon {
            host = String(rest[..<colon])
            portText = rest[rest.index(after: colon)...]
        } else {
            // There is no colon, or there are several, as in a bare IPv6 address.
            host = String(rest)
        }
        if let portText {
            guard let number = Int(portText), (1...65535).contains(number) else { return nil }
            port = number
        }
        if host.isEmpty || host.hasPrefix("-") { return nil }
    }

    /// Reads a comma-separated chain; `none` is an empty one. `nil` when a part cannot be read.
    static func chain(_ text: String) -> [JumpSpec]? {
        if text.lowercased() == "none" { return [] }
        var chain: [JumpSpec] = []
        for part in text.split(separator: ",") {
            guard let spec = JumpSpec(String(part.drop(while: \.isWhitespace))) else { return nil }
            chain.append(spec)
        }
        return chain
    }
}
