import Inventory
import Remote

/// Writes a cluster as readable YAML: short mappings on one line, raw lines unchanged, and comments where they
/// help.
struct InventoryText {
    let cluster: Cluster
    let secrets: [ImportedSecret]
    /// The origin of the raw lines under each key.
    let origins: [String: String]
    /// What need not be written.
    private let usual = KeepalivedSettings(interface: "", instances: [])
    private(set) var text = ""

    init(_ cluster: Cluster, secrets: [ImportedSecret], kept: [KeptLine], source: String) {
        self.cluster = cluster
        self.secrets = secrets
        var origins: [String: String] = [:]
        for line in kept where origins[line.key] == nil {
            let places = kept.filter { $0.key == line.key }.flatMap(\.places)
            let numbers = places.filter { $0.node == places[0].node && $0.file == places[0].file }.compactMap(
                \.line)
            let lines = numbers.isEmpty ? "" : ":" + numbers.sorted().map(String.init).joined(separator: ",")
            origins[line.key] = "\(places[0].node):\(places[0].file)\(lines)"
        }
        self.origins = origins
        line(0, "# Imported from \(source).")
        line(0, "# `haops plan` shows what haops would add; nothing here was changed on the nodes.")
        line(0, "haops: 1")
        line(0, "")
        writeSecrets()
        line(0, "clusters:")
        line(1, "\(scalar(cluster.name)):")
        if cluster.isAdopted {
            line(2, "adopted: true  # haops adds nothing of its own, and leaves what means the same as it is")
        }
        writeNodes()
        if !cluster.files.isEmpty {
            line(0, "")
            write(cluster.files, 2)
        }
        if let keepalived = cluster.keepalived {
            line(0, "")
            write(keepalived)
        }
        if let haproxy = cluster.haproxy {
            line(0, "")
            write(haproxy)
        }
        writeRest()
    }

    // MARK: - Lines and scalars

    mutating func line(_ depth: Int, _ content: String) {
        text += (content.isEmpty ? "" : String(repeating: "  ", count: depth) + content) + "\n"
    }

    /// Writes a key with raw lines and their origin.
    private mutating func raw(_ depth: Int, _ key: String, _ content: String?, origin: String) {
        guard let content else { return }
        if let place = origins[origin] { line(depth, "# from \(place)") }
        // The indentation is explicit when the first line begins with a blank.
        let indents = content.split(separator: "\n").first?.first == " "
        line(depth, "\(scalar(key)): |\(indents ? "2" : "")")
        for content in content.split(separator: "\n", omittingEmptySubsequences: false) {
            line(depth + 1, String(content))
        }
    }

    /// `{ a: 1, b: 2 }`
    private func flow(_ members: [(String, String?)]) -> String {
        let members = members.compactMap { key, value in value.map { "\(scalar(key)): \($0)" } }
        return members.isEmpty ? "{}" : "{ " + members.joined(separator: ", ") + " }"
    }

    func flow(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }

    /// The text as a YAML scalar, valid between braces too.
    func scalar(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && !["null", "~", "true", "false", "yes", "no", "on", "off"].contains(text.lowercased())
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "/"):
                    true
                case UInt8(ascii: "-"): text.utf8.count > 1
                default: false
                }
            }
        // Outside braces a colon within a word needs no quotes.
        if isPlain, text.utf8.first != UInt8(ascii: "-") || Int(text) != nil { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\" + String(scalar)
            case "\t": escaped += "\\t"
            default:
                if scalar.properties.generalCategory == .control {
                    let digits = String(scalar.value, radix: 16)
                    escaped += "\\x" + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
                } else {
                    escaped.unicodeScalars.append(scalar)
                }
            }
        }
        return "\"\(escaped)\""
    }

    // MARK: - Sections

    private mutating func writeSecrets() {
        guard !secrets.isEmpty else { return }
        line(0, "secrets:")
        for secret in secrets {
            let places = secret.places.first.map { "  # \($0)" } ?? ""
            line(1, "\(scalar(secret.name)): \(flow([("env", scalar(secret.variable))]))\(places)")
        }
        line(0, "")
    }

    /// The common priorities of all instances; `nil` when they differ.
    private var priorities: [HostID: Int]? {
        let all = (cluster.keepalived?.instances ?? []).map(\.priorities)
        return Set(all).count == 1 ? all.first : nil
    }

    private mutating func writeNodes() {
        let shared = priorities
        line(2, "nodes:")
        for node in cluster.nodes {
            let target = node.target
            let ssh = [
                ("user", target.user.map(scalar)), ("port", target.port.map(String.init)),
                ("identity", target.identities.first.map(scalar)),
            ]
            let isKnown = target.host == "\(node.vrrpAddress.map { "\($0)" } ?? "")"
            let members = [
                ("address", scalar(target.host)),
                ("vrrp_address", isKnown ? nil : node.vrrpAddress.map { scalar("\($0)") }),
                ("priority", shared?[node.id].map(String.init)),
                ("interface", node.interface.map(scalar)),
                ("ssh", ssh.contains { $0.1 != nil } ? flow(ssh) : nil),
            ]
            guard !node.files.isEmpty else {
                line(3, "\(scalar(node.id.name)): \(flow(members))")
                continue
            }
            line(3, "\(scalar(node.id.name)):")
            for case (let key, let value?) in members { line(4, "\(key): \(value)") }
            write(node.files, 4)
        }
    }

    private mutating func write(_ settings: KeepalivedSettings) {
        line(2, "keepalived:")
        line(3, "interface: \(scalar(settings.interface))")
        if settings.transport == .unicast { line(3, "transport: unicast") }
        if settings.transport == .unicast, !settings.namesUnicastSource { line(3, "unicast_source: false") }
        if settings.version != usual.version { line(3, "version: \(settings.version)") }
        if settings.advertInterval != usual.advertInterval {
            let (whole, rest) = settings.advertInterval.quotientAndRemainder(dividingBy: 100)
            line(
                3, "advert_interval: \(whole)" + (rest == 0 ? "" : "." + (rest < 10 ? "0" : "") + "\(rest)"))
        }
        if case .reference(let name, _)? = settings.authPass {
            line(3, "auth_pass: \(flow([("secret", scalar(name))]))")
        }
        if !settings.preempt { line(3, "preempt: false") }
        if settings.initialState == .backup {
            line(3, "initial_state: backup  # `state BACKUP` on every node")
        }
        if !settings.setsBroadcast { line(3, "broadcast: false  # no `brd +` behind the addresses") }
        if !settings.scriptSecurity {
            line(3, "script_security: false  # the nodes do not say `enable_script_security`")
        }
        write(settings.notify)
        if settings.options != usual.options { line(3, "options: \(quotedOptions(settings.options))") }
        if !settings.scripts.isEmpty {
            line(3, "scripts:")
            for script in settings.scripts { write(script) }
        }
        line(3, "instances:")
        for instance in settings.instances { write(instance) }
        let extras = settings.instances.filter { $0.extra != nil }
        guard settings.extraGlobal != nil || settings.extraBlocks != nil || !extras.isEmpty else { return }
        line(3, "extra:")
        raw(4, "global_defs", settings.extraGlobal, origin: "keepalived.extra.global_defs")
        raw(4, "blocks", settings.extraBlocks, origin: "keepalived.extra.blocks")
        for instance in extras {
            raw(4, instance.name, instance.extra, origin: "keepalived.extra.\(instance.name)")
        }
    }

    private func quotedOptions(_ options: String) -> String {
        options.isEmpty ? "\"\"" : scalar(options)
    }

    private mutating func write(_ script: TrackScript) {
        let members: [(String, String?)] = [
            ("run", scalar(script.run)), ("interval", "\(script.interval)"),
            ("timeout", script.timeout.map(String.init)), ("fall", "\(script.fall)"),
            ("rise", "\(script.rise)"), ("weight", "\(script.weight)"), ("own", script.isOwn ? "true" : nil),
        ]
        guard let extra = script.extra else {
            line(4, "\(scalar(script.name)): \(flow(members))")
            return
        }
        line(4, "\(scalar(script.name)):")
        for case (let key, let value?) in members { line(5, "\(key): \(value)") }
        raw(5, "extra", extra, origin: "keepalived.scripts.\(script.name).extra")
    }

    private mutating func write(_ instance: VRRPInstance) {
        line(4, "\(scalar(instance.name)):")
        line(5, "router_id: \(instance.routerID)")
        if let interface = instance.interface { line(5, "interface: \(scalar(interface))") }
        if case .reference(let name, _)? = instance.authPass {
            line(5, "auth_pass: \(flow([("secret", scalar(name))]))")
        }
        if priorities == nil {
            let members = cluster.nodes.map { ($0.id.name, instance.priorities[$0.id].map(String.init)) }
            line(5, "priorities: \(flow(members))")
        }
        if !instance.vrrpAddresses.isEmpty {
            let members = cluster.nodes.map {
                ($0.id.name, instance.vrrpAddresses[$0.id].map { scalar("\($0)") })
            }
            line(5, "vrrp_addresses: \(flow(members))")
        }
        write(instance.addresses, "addresses")
        write(instance.excluded, "excluded")
        if !instance.trackInterfaces.isEmpty {
            line(5, "track_interfaces: \(flow(instance.trackInterfaces.map(scalar)))")
        }
        if !instance.trackScripts.isEmpty {
            line(5, "track_scripts: \(flow(instance.trackScripts.map(scalar)))")
        }
        if !instance.followsHandover {
            let why =
                cluster.isAdopted
                ? "the nodes have no such file" : "its weight would not count in a sync group"
            line(5, "handover: false  # \(why)")
        }
    }

    private mutating func write(_ addresses: [VirtualAddress], _ key: String) {
        guard !addresses.isEmpty else { return }
        line(5, "\(key):")
        for address in addresses {
            let cidr = scalar("\(address.cidr)")
            guard
                address.interface != nil || address.label != nil || address.options != nil
                    || address.isOutside
            else {
                line(6, "- \(cidr)")
                continue
            }
            line(
                6,
                "- "
                    + flow([
                        ("vip", cidr), ("interface", address.interface.map(scalar)),
                        ("label", address.label.map(scalar)), ("options", address.options.map(scalar)),
                        ("outside", address.isOutside ? "true" : nil),
                    ]))
        }
    }

    private mutating func write(_ settings: HAProxySettings) {
        line(2, "haproxy:")
        if !settings.isShipped {
            line(3, "shipped: false  # nothing but what stands here")
        }
        if !settings.frontends.isEmpty { line(3, "frontends:") }
        for frontend in settings.frontends {
            let members = [
                ("bind", flow(frontend.binds.map(scalar))), ("mode", frontend.mode.rawValue),
                ("backend", scalar(frontend.backend)),
            ]
            if frontend.extra == nil {
                line(4, "\(scalar(frontend.name)): \(flow(members))")
            } else {
                line(4, "\(scalar(frontend.name)):")
                for (key, value) in members { line(5, "\(key): \(value)") }
                raw(5, "extra", frontend.extra, origin: "haproxy.frontends.\(frontend.name).extra")
            }
        }
        if !settings.backends.isEmpty { line(3, "backends:") }
        for backend in settings.backends { write(backend) }
        guard settings.extraGlobal != nil || settings.extraDefaults != nil || settings.extraSections != nil
        else {
            return
        }
        line(3, "extra:")
        raw(4, "global", settings.extraGlobal, origin: "haproxy.extra.global")
        raw(4, "defaults", settings.extraDefaults, origin: "haproxy.extra.defaults")
        raw(4, "sections", settings.extraSections, origin: "haproxy.extra.sections")
    }

    private mutating func write(_ backend: HAProxySettings.Backend) {
        line(4, "\(scalar(backend.name)):")
        line(5, "mode: \(backend.mode.rawValue)")
        line(5, "balance: \(scalar(backend.balance))")
        switch backend.check {
        case .http(let path): line(5, "check: \(flow([("http", scalar(path))]))")
        case .none: line(5, "check: none")
        case .tcp: line(5, "check: tcp")
        }
        line(5, "servers:")
        for server in backend.servers {
            let endpoint = scalar(server.endpoint)
            let value =
                server.options.map { flow([("address", endpoint), ("options", scalar($0))]) } ?? endpoint
            line(6, "\(scalar(server.name)): \(value)")
        }
        raw(5, "extra", backend.extra, origin: "haproxy.backends.\(backend.name).extra")
    }

    private mutating func writeRest() {
        if !cluster.sysctl.isEmpty || cluster.firewall != nil || !cluster.packages.isEmpty { line(0, "") }
        if !cluster.sysctl.isEmpty {
            line(2, "sysctl:")
            for setting in cluster.sysctl { line(3, "\(scalar(setting.key)): \(scalar(setting.value))") }
        }
        if let firewall = cluster.firewall {
            line(2, "firewall: \(flow([("allow", flow(firewall.allow.map(\.rawValue)))]))")
        }
        if !cluster.packages.isEmpty { line(2, "packages: \(flow(cluster.packages.map(scalar)))") }
    }
}
