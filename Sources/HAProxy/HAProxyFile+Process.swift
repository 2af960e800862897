extension HAProxyFile {
    /// A directory that must exist for haproxy to start.
    package struct Need: Hashable, Sendable {
        /// `chroot` or `stats socket`.
        package var keyword: String
        package var path: String
        package var location: Location
    }

    private var global: [Line] { sections("global").flatMap(\.lines) }

    /// What `chroot` and `stats socket` need. Where sockets have a prefix they are not where they are said to be.
    package var neededDirectories: [Need] {
        let hasSocketPrefix = global.contains { line in
            line.keyword == "unix-bind" && line.arguments.contains { $0.value == "prefix" }
        }
        return global.compactMap { line in
            let values = line.words.map(\.value)
            switch values.first {
            case "chroot" where values.count > 1:
                return Need(keyword: "chroot", path: values[1], location: location(of: line))
            case "stats" where values.count > 2 && values[1] == "socket" && !hasSocketPrefix:
                guard let path = Self.socketPath(values[2]) else { return nil }
                let directory = path.split(separator: "/").dropLast().joined(separator: "/")
                return Need(keyword: "stats socket", path: "/" + directory, location: location(of: line))
            default: return nil
            }
        }
    }

    /// `/run/haproxy/admin.sock`, also behind `unix@`; `nil` for an address.
    private static func socketPath(_ text: String) -> Substring? {
        let path = text.hasPrefix("unix@") ? text.dropFirst("unix@".count) : text[...]
        return path.hasPrefix("/") ? path : nil
    }

    /// Connections of the whole process, where a number says so.
    package var maxconn: (value: Int, location: Location)? {
        global.lazy.reversed().compactMap { line in
            guard line.words.count > 1, line.words[0].value == "maxconn", let value = Int(line.words[1].value)
            else { return nil }
            return (value, location(of: line))
        }.first
    }

    /// Whether a limit that cannot be reached keeps haproxy from starting, as since 2.3.
    package var isStrictAboutLimits: Bool {
        global.last { $0.keyword == "strict-limits" }?.modifier != .no
    }
}
