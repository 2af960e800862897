extension HAProxyFile {
    /// A frontend's or listen section's reference to a backend by a fixed name.
    package struct BackendUse: Hashable, Sendable {
        /// `default_backend` or `use_backend`.
        package var keyword: String
        package var name: String
        /// `frontend web`.
        package var section: String
        package var mode: String
        /// The backend's section and mode; `nil` when there is none of that name.
        package var target: (title: String, mode: String)? {
            targetTitle.map { ($0, targetMode) }
        }
        package var location: Location

        fileprivate var targetTitle: String?
        fileprivate var targetMode = ""
    }

    /// The backends that frontends choose by name; names that are found out while haproxy runs are left out.
    package var backendUses: [BackendUse] {
        let modes = proxyModes
        var targets: [String: Int] = [:]
        for (index, section) in sections.enumerated()
        where section.keyword == "backend" || section.keyword == "listen" {
            targets[section.name] = index
        }
        return sections.enumerated().filter { $0.element.isProxy && $0.element.keyword != "backend" }.flatMap
        {
            index, section in
            section.lines.compactMap { line -> BackendUse? in
                guard ["default_backend", "use_backend"].contains(line.keyword),
                    let word = line.arguments.first,
                    !word.hasVariables, !word.value.contains("%[")
                else { return nil }
                var use = BackendUse(
                    keyword: line.keyword, name: word.value, section: section.title,
                    mode: modes[index] ?? "tcp",
                    location: location(of: line))
                if let target = targets[word.value] {
                    use.targetTitle = sections[target].title
                    use.targetMode = modes[target] ?? "tcp"
                }
                return use
            }
        }
    }

    /// The modes of all proxies by the index of their section: their own, or that of their `defaults`, else tcp.
    private var proxyModes: [Int: String] {
        var named: [String: String] = [:]
        var latest = "tcp"
        var modes: [Int: String] = [:]
        for (index, section) in sections.enumerated() {
            let own = section.lines.last { $0.keyword == "mode" && !$0.arguments.isEmpty }?.arguments.first?
                .value
            let inherited = section.from.map { named[$0] ?? "tcp" }
            if section.keyword == "defaults" {
                latest = own ?? inherited ?? "tcp"
                if !section.name.isEmpty { named[section.name] = latest }
            } else if section.isProxy {
                modes[index] = own ?? inherited ?? latest
            }
        }
        return modes
    }

    /// A time without a unit that is far shorter than anyone wants.
    package struct ShortTime: Hashable, Sendable {
        /// `timeout client`, `inter`.
        package var keyword: String
        package var value: String
        package var location: Location
    }

    /// Times that are numbers alone, which haproxy takes for milliseconds (configuration.txt, 2.4), and below 500.
    package var shortTimes: [ShortTime] {
        func isShort(_ text: String) -> Bool { Int(text).map { (1..<500).contains($0) } ?? false }
        return sections.flatMap(\.lines).compactMap { line -> ShortTime? in
            let arguments = line.arguments.map(\.value)
            if line.keyword == "timeout", arguments.count > 1, isShort(arguments[1]) {
                return ShortTime(
                    keyword: "timeout \(arguments[0])", value: arguments[1], location: location(of: line))
            }
            guard line.keyword == "server" || line.keyword == "default-server" else { return nil }
            for (option, value) in zip(arguments, arguments.dropFirst())
            where ["inter", "fastinter", "downinter"].contains(option) && isShort(value) {
                return ShortTime(keyword: option, value: value, location: location(of: line))
            }
            return nil
        }
    }

    /// A first word that is no keyword of a proxy but almost one.
    package struct UnknownKeyword: Hashable, Sendable {
        package var word: String
        /// The kind of section, `frontend`.
        package var section: String
        package var location: Location
    }

    /// The first words in proxies that are not in ``proxyKeywords``. Newer releases have more keywords than that.
    package var unknownKeywords: [UnknownKeyword] {
        sections.filter { $0.isProxy || $0.keyword == "defaults" }.flatMap { section in
            section.lines.filter { !$0.isDirective && !Self.proxyKeywords.contains($0.keyword) }.map { line in
                UnknownKeyword(word: line.keyword, section: section.keyword, location: location(of: line))
            }
        }
    }

    /// The keywords of proxies (configuration.txt, 4.1 and 4.2, releases 1.8 to 3.2).
    package static let proxyKeywords: Set<String> = [
        "acl", "backlog", "balance", "bind", "bind-process", "block", "capture", "clitcpka-cnt",
        "clitcpka-idle", "clitcpka-intvl", "clitimeout", "compression", "contimeout", "cookie", "crt",
        "declare", "default-server", "default_backend", "description", "disabled", "dispatch",
        "dynamic-cookie-key", "email-alert", "enabled", "errorfile", "errorfiles", "errorloc",
        "errorloc302", "errorloc303", "error-log-format", "external-check", "filter", "force-be-switch",
        "force-persist", "fullconn", "grace", "guid", "hash-balance-factor", "hash-key",
        "hash-preserve-affinity", "hash-type", "http-after-response", "http-check", "http-error",
        "http-request", "http-response", "http-reuse", "http-send-name-header", "id", "ignore-persist",
        "load-server-state-from-file", "log", "log-format", "log-format-sd", "log-steps", "log-tag",
        "max-keep-alive-queue", "max-session-srv-conns", "maxconn", "mode", "monitor", "monitor-net",
        "monitor-uri", "no", "option", "persist", "quic-initial", "rate-limit", "redirect", "redisp",
        "redispatch", "reqadd", "reqallow", "reqdel", "reqdeny", "reqiallow", "reqidel", "reqideny",
        "reqipass", "reqirep", "reqitarpit", "reqpass", "reqrep", "reqtarpit", "retries", "retry-on",
        "rspadd", "rspdel", "rspdeny", "rspidel", "rspideny", "rspirep", "rsprep", "server",
        "server-state-file-name", "server-template", "source", "srvtcpka-cnt", "srvtcpka-idle",
        "srvtcpka-intvl", "srvtimeout", "stats", "stick", "stick-table", "tcp-check", "tcp-request",
        "tcp-response", "timeout", "transparent", "unique-id-format", "unique-id-header", "use-fcgi-app",
        "use-server", "use_backend", "user",
    ]
}
