extension HAProxyConfiguration {
    /// A directory that must exist for haproxy to start.
    package struct Need: Hashable, Sendable {
        /// `chroot` or `stats socket`.
        package var keyword: String
        package var path: String
        package var location: HAProxyFile.Location
    }

    /// The directories of `chroot` and `stats socket`. With `unix-bind prefix` the sockets' paths are not
    /// literal, so their directories are left out.
    package var neededDirectories: [Need] {
        let global = global
        let hasSocketPrefix = global.contains { statement in
            statement.keyword == "unix-bind" && statement.arguments.contains { $0.value == "prefix" }
        }
        return global.compactMap { statement in
            switch statement.words.first?.value {
            case "chroot":
                guard let word = statement.arguments.first, !word.hasVariables else { return nil }
                return Need(keyword: "chroot", path: word.value, location: statement.location)
            case "stats" where statement.argument(0) == "socket" && !hasSocketPrefix:
                guard let word = statement.arguments.dropFirst().first, !word.hasVariables,
                    let path = Self.socketPath(word.value)
                else { return nil }
                let directory = path.split(separator: "/").dropLast().joined(separator: "/")
                return Need(keyword: "stats socket", path: "/" + directory, location: statement.location)
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
    package var maxconn: (value: Int, location: HAProxyFile.Location)? {
        global.lazy.reversed().compactMap { statement in
            guard statement.words.first?.value == "maxconn",
                let value = statement.argument(0).flatMap({ Int($0) })
            else { return nil }
            return (value, statement.location)
        }.first
    }

    /// Whether haproxy refuses to start when it cannot raise its limits, as since 2.3.
    package var isStrictAboutLimits: Bool { global("strict-limits")?.modifier != .no }
}
