package import Addresses

extension HAProxyConfiguration {
    /// One address of a `bind` line, which may name several.
    package struct Bind: Hashable, Sendable {
        /// The section's title, such as `frontend web`.
        package var section: String
        package var endpoint: HAProxyAddress
        package var options: HAProxyOptions
        package var location: HAProxyFile.Location

        package var isTransparent: Bool { options.has("transparent") }
        /// Whether it listens in another network namespace.
        package var isInNamespace: Bool { options.has("namespace") }
        /// It speaks TLS.
        package var isTLS: Bool { options.has("ssl") }
        /// As written: `203.0.113.50:80`.
        package var text: String { endpoint.text }
        /// The address; `nil` for all addresses, and for anything but a plain address.
        package var address: IPAddress? { endpoint.address }
        /// The port as written; it may be a range or a variable.
        package var port: String { endpoint.port ?? "" }
    }

    /// The addresses on which proxies listen over IP, in the file's order.
    package var binds: [Bind] {
        proxies.flatMap { proxy in
            proxy.all("bind").flatMap { statement -> [Bind] in
                let options = Self.bindOptions(statement)
                return (statement.argument(0) ?? "").split(separator: ",").compactMap { part in
                    guard let endpoint = HAProxyAddress(part), endpoint.port != nil else { return nil }
                    return Bind(
                        section: proxy.title, endpoint: endpoint, options: options,
                        location: statement.location)
                }
            }
        }
    }

    /// Whether haproxy listens for anything, including on a UNIX socket.
    package var isListening: Bool {
        sections.contains { section in
            section.keyword == "listen" || section.statements.contains { $0.words.first?.value == "bind" }
        }
    }

    /// The titles of the sections that speak HTTP: `mode http` of their own, or from the `defaults` that counts for them.
    package var httpSections: Set<String> { Set(proxies.filter { $0.mode == "http" }.map(\.title)) }
}

extension HAProxyConfiguration {
    /// The options of a `bind` line.
    package static func bindOptions(_ statement: HAProxyStatement) -> HAProxyOptions {
        HAProxyOptions(statement, after: 1, HAProxyKeywords.bind, HAProxyKeywords.bindFlags)
    }
}
