extension HAProxyFile {
    /// A directory that must exist for haproxy to start.
    package struct Need: Hashable, Sendable {
        /// `chroot` or `stats socket`.
        package var keyword: String
        package var path: String
        package var location: Location
    }

    private var global: [Line] { sections("global").flatMap(\.lines) }

    /// The directories of `chroot` and `stats socket`. With `unix-bind prefix` the sockets' paths are not
    /// literal, so their directories are left out.
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

    /// The path of a socket such as `/run/haproxy/admin.sock`, also after `unix@`; `nil` for an address.
    private static func socketPath(_ text: String) -> Substring? {
        let path = text.hasPrefix("unix@") ? text.dropFirst("unix@".count) : text[...]
        return path.hasPrefix("/") ? path : nil
    }

    /// The connection limit of the whole process, if it is a number.
    package var maxconn: (value: Int, location: Location)? {
        global.lazy.reversed().compactMap { line in
            guard line.words.count > 1, line.words[0].value == "maxconn", let value = Int(line.words[1].value)
            else { return nil }
            return (value, location(of: line))
        }.first
    }

    /// Whether haproxy refuses to start when it cannot raise its limits, as since 2.3.
    package var isStrictAboutLimits: Bool {
        global.last { $0.keyword == "strict-limits" }?.modifier != .no
    }
}
