package import Addresses

extension HAProxyFile {
    /// One address of a `bind` line, which may name several.
    package struct Bind: Hashable, Sendable {
        /// The section's title, such as `frontend web`.
        package var section: String
        package var endpoint: HAProxyAddress
        package var isTransparent: Bool
        /// Whether it listens in another network namespace.
        package var isInNamespace: Bool
        /// It speaks TLS.
        package var isTLS: Bool
        package var location: Location

        /// As written: `203.0.113.50:80`.
        package var text: String { endpoint.text }
        /// The address; `nil` for all addresses, and for anything but a plain address.
        package var address: IPAddress? { endpoint.address }
        /// The port as written; it may be a range or a variable.
        package var port: String { endpoint.port ?? "" }
    }

    /// A `server` line of a backend.
    package struct Server: Hashable, Sendable {
        package var name: String
        package var endpoint: HAProxyAddress
        package var location: Location
    }

    /// The addresses on which haproxy listens over IP, in the file's order.
    package var binds: [Bind] {
        sections.flatMap { section in
            section.lines.filter { $0.words.first?.value == "bind" }.flatMap { line -> [Bind] in
                let options = Set(line.arguments.dropFirst().map(\.value))
                return (line.arguments.first?.value ?? "").split(separator: ",").compactMap { part in
                    guard let endpoint = HAProxyAddress(part), endpoint.port != nil else { return nil }
                    return Bind(
                        section: section.title, endpoint: endpoint,
                        isTransparent: options.contains("transparent"),
                        isInNamespace: options.contains("namespace"),
                        isTLS: options.contains("ssl"), location: location(of: line))
                }
            }
        }
    }

    /// Whether haproxy listens for anything, including on a UNIX socket.
    package var isListening: Bool {
        sections.contains { section in
            section.keyword == "listen" || section.lines.contains { $0.words.first?.value == "bind" }
        }
    }

    /// The servers with an address or a name, in the file's order.
    package var servers: [Server] {
        sections.flatMap(\.lines).compactMap { line in
            guard line.words.count > 2, line.words[0].value == "server",
                let endpoint = HAProxyAddress(line.words[2].value)
            else { return nil }
            return Server(name: line.words[1].value, endpoint: endpoint, location: location(of: line))
        }
    }
}
