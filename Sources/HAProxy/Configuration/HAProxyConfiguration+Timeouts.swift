extension HAProxyConfiguration {
    /// A frontend, backend or listen section without timeouts, in which connections may stay open for ever.
    package struct MissingTimeouts: Hashable, Sendable {
        /// `frontend web`.
        package var section: String
        /// `client`, `connect` or `server`.
        package var timeouts: [String]
        package var location: HAProxyFile.Location
    }

    /// The proxies without a timeout, neither their own nor from their `defaults`.
    package var missingTimeouts: [MissingTimeouts] {
        proxies.compactMap { proxy in
            let missing = Self.neededTimeouts(of: proxy).filter { name in
                let statement = proxy.setting("timeout \(name)") ?? proxy.setting(Self.oldNames[name] ?? "")
                return statement?.argument(1) == nil && statement?.keyword != Self.oldNames[name]
            }
            guard !missing.isEmpty else { return nil }
            return MissingTimeouts(section: proxy.title, timeouts: missing, location: proxy.location)
        }
    }

    /// The names before `timeout`, until 2.0.
    private static let oldNames = ["client": "clitimeout", "server": "srvtimeout", "connect": "contimeout"]

    /// Without servers, as in a section for statistics, nothing is waited for behind haproxy (cfgparse.c).
    private static func neededTimeouts(of proxy: HAProxyProxy) -> [String] {
        let hasServers = proxy.statements.contains {
            $0.keyword == "server" || $0.keyword == "server-template"
        }
        return (proxy.isFrontend ? ["client"] : [])
            + (proxy.isBackend && hasServers ? ["connect", "server"] : [])
    }

    /// A time without a unit that is far shorter than anyone wants.
    package struct ShortTime: Hashable, Sendable {
        /// `timeout client`, `inter`.
        package var keyword: String
        package var value: String
        package var location: HAProxyFile.Location
    }

    /// Times that are numbers alone, which haproxy takes for milliseconds (configuration.txt, 2.4), and below 500.
    package var shortTimes: [ShortTime] {
        func isShort(_ text: String) -> Bool { Int(text).map { (1..<500).contains($0) } ?? false }
        return sections.flatMap(\.statements).compactMap { statement -> ShortTime? in
            let arguments = statement.arguments.map(\.value)
            if statement.keyword == "timeout", arguments.count > 1, isShort(arguments[1]) {
                return ShortTime(
                    keyword: statement.setting, value: arguments[1], location: statement.location)
            }
            guard statement.keyword == "server" || statement.keyword == "default-server" else { return nil }
            for (option, value) in zip(arguments, arguments.dropFirst())
            where ["inter", "fastinter", "downinter"].contains(option) && isShort(value) {
                return ShortTime(keyword: option, value: value, location: statement.location)
            }
            return nil
        }
    }
}
