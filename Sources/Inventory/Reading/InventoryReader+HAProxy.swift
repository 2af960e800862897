extension InventoryReader {
    static let haproxyKeys = InventoryShape.haproxy.keyNames
    static let frontendKeys = InventoryShape.frontend.keyNames
    static let backendKeys = InventoryShape.backend.keyNames
    static let serverKeys = InventoryShape.serverProperties.keyNames

    mutating func readHAProxy(_ entry: YAMLEntry, cluster: String) -> HAProxySettings? {
        guard
            let fields = fields(
                entry, of: "`haproxy`", keys: Self.haproxyKeys,
                misplaced: ["listen": "write a frontend and a backend"],
                example: "haproxy: { frontends: { web: { bind: [\"203.0.113.50:80\"], backend: web } } }")
        else { return nil }
        var settings = HAProxySettings(frontends: [], backends: [])
        settings.isShipped = boolean(fields["shipped"]) ?? settings.isShipped
        var backendNames: [String] = []
        if let entry = fields["backends"] {
            let entries =
                named(
                    entry, what: "backend",
                    example: "backends: { web: { servers: { web1: 203.0.113.21:80 } } }")
                ?? []
            backendNames = entries.map(\.key)
            settings.backends = entries.compactMap { readBackend($0, cluster: cluster) }
        }
        if let entry = fields["frontends"] {
            let entries =
                named(
                    entry, what: "frontend",
                    example: "frontends: { web: { bind: [\"203.0.113.50:80\"], backend: web } }") ?? []
            settings.frontends = entries.compactMap { entry in
                readFrontend(entry, cluster: cluster, backends: settings.backends, names: backendNames)
            }
        } else if fields["extra"]?.value.entries?.contains(where: { $0.key == "sections" }) != true {
            missing(
                "frontends", in: fields, of: "`haproxy` of cluster `\(cluster)`",
                remedy: "add `frontends: { web: { bind: [\"203.0.113.50:80\"], backend: web } }`")
        }
        if let entry = fields["extra"],
            let extra = self.fields(
                entry, of: "`extra`", keys: InventoryShape.haproxyExtra.keyNames,
                misplaced: [
                    "frontends": "write `extra` in the frontend", "backends": "write `extra` in the backend",
                ],
                example: "extra: { global: \"maxconn 20000\" }")
        {
            settings.extraGlobal = lines(extra["global"], example: "maxconn 20000")
            settings.extraSections = lines(extra["sections"], example: "listen …")
            settings.extraDefaults = lines(extra["defaults"], example: "timeout client 30s")
        }
        return settings
    }

    private mutating func readFrontend(
        _ entry: YAMLEntry, cluster: String, backends: [HAProxySettings.Backend], names: [String]
    ) -> HAProxySettings.Frontend? {
        let name = entry.key
        put(.frontend(cluster: cluster, name: name), at: entry.keyMark)
        guard
            let fields = fields(
                entry, of: "frontend `\(name)`", keys: Self.frontendKeys,
                misplaced: ["default_backend": "write `backend`", "binds": "write `bind`"],
                example: "\(name): { bind: [\"203.0.113.50:80\"], backend: web }")
        else { return nil }
        var frontend = HAProxySettings.Frontend(name: name, binds: [], mode: .tcp, backend: "")
        for (index, item) in items(fields["bind"]).enumerated() {
            guard let text = item.scalar, !item.isNull,
                let bind = readEndpoint(text, at: item.mark, wildcard: true)
            else {
                if item.scalar == nil || item.isNull {
                    wrong(
                        item, named: "bind", wants: "a list of addresses with ports",
                        example: "bind: [\"203.0.113.50:80\"]")
                }
                continue
            }
            put(.bind(cluster: cluster, frontend: name, index: index), at: item.mark)
            frontend.binds.append(bind)
        }
        if fields["bind"].map(items)?.isEmpty != false {
            missing(
                "bind", in: fields, of: "frontend `\(name)`",
                remedy: "write where it listens: `bind: [\"203.0.113.50:80\"]`")
        }
        let mode = choice(fields["mode"], of: HAProxySettings.Mode.self)
        guard let backendEntry = fields["backend"] else {
            missing(
                "backend", in: fields, of: "frontend `\(name)`",
                remedy: "write where its connections go: `backend: \(names.first ?? "web")`")
            return nil
        }
        guard let backend = string(backendEntry, example: names.first ?? "web") else { return nil }
        guard names.contains(backend) else {
            let near = suggestion(for: backend, among: names)
            error(
                backendEntry.value.mark, "no backend \(quoted(backend)) is among `backends`",
                remedy: near.map { "did you mean `\($0)`?" }
                    ?? "add it: `backends: { web: { servers: { web1: 203.0.113.21:80 } } }`")
            return nil
        }
        frontend.backend = backend
        let other = backends.first { $0.name == backend }?.mode
        frontend.mode = mode ?? other ?? .tcp
        if let mode, let other, mode != other {
            error(
                fields["mode"]?.value.mark ?? entry.keyMark,
                "frontend `\(name)` speaks \(mode.rawValue) and its backend `\(backend)` \(other.rawValue)",
                remedy: "give both the same `mode`")
        }
        frontend.extra = lines(fields["extra"], example: "option forwardfor")
        return frontend
    }

    private mutating func readBackend(_ entry: YAMLEntry, cluster: String) -> HAProxySettings.Backend? {
        let name = entry.key
        put(.backend(cluster: cluster, name: name), at: entry.keyMark)
        guard
            let fields = fields(
                entry, of: "backend `\(name)`", keys: Self.backendKeys,
                example: "\(name): { servers: { web1: 203.0.113.21:80 } }")
        else { return nil }
        let mode = choice(fields["mode"], of: HAProxySettings.Mode.self) ?? .tcp
        var backend = HAProxySettings.Backend(name: name, mode: mode, servers: [])
        if let balance = line(fields["balance"], example: "roundrobin"),
            let mark = fields["balance"]?.value.mark
        {
            let word = String(balance.prefix { $0 != " " && $0 != "(" })
            if InventoryShape.balanceAlgorithms.contains(word) {
                backend.balance = balance
            } else {
                let near = suggestion(for: word, among: InventoryShape.balanceAlgorithms)
                error(
                    mark, "haproxy knows no way to balance called \(quoted(word))",
                    remedy: near.map { "did you mean `\($0)`?" } ?? "write `balance: roundrobin`")
            }
        }
        if let check = fields["check"] { backend.check = readCheck(check) ?? backend.check }
        if let servers = fields["servers"] {
            backend.servers = readServers(servers)
        } else {
            missing(
                "servers", in: fields, of: "backend `\(name)`",
                remedy: "add `servers: { web1: 203.0.113.21:80 }`")
        }
        backend.extra = lines(fields["extra"], example: "option httpclose")
        return backend
    }

    private mutating func readCheck(_ entry: YAMLEntry) -> HAProxySettings.Backend.Check? {
        let example = "check: { http: /health }"
        switch entry.value.content {
        case .scalar("tcp", _): return .tcp
        case .scalar("none", _): return HAProxySettings.Backend.Check.none
        case .mapping:
            guard
                let fields = fields(
                    entry, of: "`check`", keys: InventoryShape.httpCheck.keyNames, example: example)
            else { return nil }
            guard let http = fields["http"] else {
                missing("http", in: fields, of: "`check`", remedy: "write `\(example)`, `tcp` or `none`")
                return nil
            }
            guard let path = line(http, example: "/health") else { return nil }
            guard path.hasPrefix("/"), !path.contains(" ") else {
                error(
                    http.value.mark, "\(quoted(path)) is not a path for a request",
                    remedy: "begin it with `/`: `\(example)`")
                return nil
            }
            return .http(path: path)
        default:
            wrong(entry, wants: "`tcp`, `none` or `{ http: PATH }`", example: example)
            return nil
        }
    }

    private mutating func readServers(_ entry: YAMLEntry) -> [HAProxySettings.Server] {
        let example = "servers: { web1: 203.0.113.21:80, web2: 203.0.113.22:80 }"
        guard let entries = entry.value.entries, !entries.isEmpty else {
            wrong(entry, wants: "a mapping with a name for each server", example: example)
            return []
        }
        var servers: [HAProxySettings.Server] = []
        var keys: Set<String> = []
        var names: Set<String> = []
        for item in entries where keys.insert(item.key).inserted {
            guard let range = range(item.key, at: item.keyMark) else { continue }
            let machines = Machines(entry: item, names: range.names, isRange: !range.isPlain)
            var address: YAMLEntry? = item
            var options: String?
            if item.value.entries != nil {
                guard
                    let fields = fields(
                        item, of: "server `\(item.key.visible)`", keys: Self.serverKeys,
                        example: "\(item.key): { address: 203.0.113.21:80, options: \"weight 10\" }")
                else { continue }
                address = fields["address"]
                options = line(fields["options"], example: "\"weight 10 backup\"")
                if address == nil {
                    missing(
                        "address", in: fields, of: "server `\(item.key.visible)`",
                        remedy: "write `address: 203.0.113.21:80`")
                }
            }
            guard let address,
                let values = distributed(address, over: machines, example: "203.0.113.21:80")
            else { continue }
            for (index, name) in machines.names.enumerated() {
                guard isName(name, what: "server", at: item.keyMark) else { continue }
                guard names.insert(name).inserted else {
                    error(
                        item.keyMark, "the server `\(name)` stands twice in this backend",
                        remedy: "every server of a backend needs a name of its own")
                    continue
                }
                guard
                    let endpoint = readEndpoint(values.texts[index], at: values.marks[index], wildcard: false)
                else { continue }
                servers.append(HAProxySettings.Server(name: name, endpoint: endpoint, options: options))
            }
        }
        return servers
    }

    /// `address:port`, with an IPv6 address in brackets; a bind may have further words after it.
    private mutating func readEndpoint(_ text: String, at mark: Mark, wildcard: Bool) -> String? {
        let first = text.prefix { $0 != " " }
        let isSafe = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        if isSafe, wildcard || first.count == text.count, let endpoint = Endpoint(String(first)),
            wildcard || endpoint.host != "*"
        {
            return text
        }
        error(
            mark, "\(quoted(text)) is not an address with a port",
            remedy: wildcard
                ? "write `203.0.113.50:80`, `[2001:db8::50]:80` or `*:80`"
                : "write `203.0.113.21:80` or `[2001:db8::21]:80`")
        return nil
    }
}
