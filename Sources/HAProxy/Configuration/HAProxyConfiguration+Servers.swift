extension HAProxyConfiguration {
    /// A `server` line of a backend, or a `server-template`, which stands for several.
    package struct Server: Hashable, Sendable {
        /// The name; of a template the prefix.
        package var name: String
        package var endpoint: HAProxyAddress
        /// Its own options.
        package var options: HAProxyOptions
        /// Those of the `default-server` lines before it, in its section and in the `defaults`.
        package var defaults: HAProxyOptions
        package var isTemplate: Bool
        package var location: HAProxyFile.Location

        /// Whether an option is in force.
        package func has(_ name: String) -> Bool {
            if options.has("no-\(name)") { return false }
            return options.has(name) || defaults.has(name) && !defaults.has("no-\(name)")
        }

        /// The value of an option in force.
        package func value(_ name: String) -> String? { options.value(name) ?? defaults.value(name) }
    }

    /// The servers with an address or a name, in the file's order.
    package var servers: [Server] { proxies.flatMap(\.servers) }
}

extension HAProxyProxy {
    /// Its servers with an address or a name, in their order, which is that of their ids.
    package var servers: [HAProxyConfiguration.Server] {
        var defaults = defaultServer
        var servers: [HAProxyConfiguration.Server] = []
        for statement in section.statements where statement.modifier == nil {
            switch statement.keyword {
            case "default-server":
                defaults.merge(
                    HAProxyOptions(statement, after: 0, HAProxyKeywords.server, HAProxyKeywords.serverFlags))
            case "server", "server-template":
                let isTemplate = statement.keyword == "server-template"
                let count = isTemplate ? 3 : 2
                guard let name = statement.argument(0), let text = statement.argument(count - 1),
                    let endpoint = HAProxyAddress(text)
                else { continue }
                servers.append(
                    HAProxyConfiguration.Server(
                        name: name, endpoint: endpoint,
                        options: HAProxyOptions(
                            statement, after: count, HAProxyKeywords.server, HAProxyKeywords.serverFlags),
                        defaults: defaults, isTemplate: isTemplate, location: statement.location))
            default: break
            }
        }
        return servers
    }
}
