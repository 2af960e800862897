import Addresses
import Inventory
import Remote

/// The values for one node's templates. All keys are always present; a value that does not apply is false.
struct NodeContext {
    let cluster: Cluster
    let node: Node
    let family: NodeFamily
    /// By instance.
    let authPasses: [String: Secret]
    /// By name, for raw lines.
    let textSecrets: [String: Secret]

    var base: [String: MustacheValue] {
        [
            "node": .text(node.id.name), "cluster": .text(cluster.name), "family": .text(family.rawValue),
            "adopted": .flag(cluster.isAdopted),
        ]
    }

    /// The values for the operator's files: those of haops' templates, and the node's address.
    var all: [String: MustacheValue] {
        let parts = [
            keepalived, keepalivedOptions, checkScript, haproxy, sysctl,
            [
                "address": .text(node.target.host),
                "vrrp_address": .optional(node.vrrpAddress.map { "\($0)" }),
            ],
        ]
        return parts.reduce(base) { $0.merging($1) { first, _ in first } }
    }

    /// The problems that are known before rendering.
    var problems: [RenderingError.Problem] {
        guard let keepalived = cluster.keepalived, keepalived.transport == .unicast else { return [] }
        return keepalived.instances.filter { address(of: node, for: $0) == nil }
            .map { .missingAddress(node.id, instance: $0.name) }
    }

    /// The operator's raw lines; a line that contains a secret is secret as a whole.
    private func raw(_ text: String?) -> MustacheValue {
        guard case .list(let lines) = MustacheValue.lines(text), !textSecrets.isEmpty else {
            return .lines(text)
        }
        return .list(
            lines.map { line in
                guard case .text(let text) = line else { return line }
                let filled = text.replacingSecrets { textSecrets[$0]?.revealed }
                return filled == text ? line : .secret(Secret(filled))
            })
    }

    // MARK: keepalived

    var keepalived: [String: MustacheValue] {
        guard let settings = cluster.keepalived else { return [:] }
        return [
            "version": .number(settings.version),
            "garp_master_refresh": .number(KeepalivedSettings.garpMasterRefresh),
            "script_security": .flag(settings.scriptSecurity),
            "extra_blocks": raw(settings.extraBlocks),
            "has_extra_blocks": .flag(settings.extraBlocks != nil),
            "extra": raw(settings.extraGlobal),
            "scripts": .list(settings.scripts.map(script)),
            "instances": .list(settings.instances.map { instance($0, settings) }),
        ]
    }

    /// The daemon's arguments, between double quotes for both systemd (`EnvironmentFile`) and the shell of an
    /// init script.
    var keepalivedOptions: [String: MustacheValue] {
        let special: Set<Character> = ["\"", "\\", "$", "`"]
        let options = cluster.keepalived?.options ?? ""
        return ["options": .text(String(options.flatMap { special.contains($0) ? ["\\", $0] : [$0] }))]
    }

    private func script(_ script: TrackScript) -> MustacheValue {
        [
            "name": .text(script.name), "run": .text(Self.quoted(script.run)),
            "interval": .number(script.interval), "timeout": .optional(script.timeout.map(String.init)),
            "fall": .number(script.fall), "rise": .number(script.rise), "weight": .number(script.weight),
            "extra": raw(script.extra),
        ]
    }

    private func instance(_ instance: VRRPInstance, _ settings: KeepalivedSettings) -> MustacheValue {
        let interface = settings.interface(of: instance, on: node)
        // IPv6 has no version 2 (RFC 5798), and version 3 has no authentication.
        let version = instance.isIPv6 ? 3 : settings.version
        // keepalived ignores an instance's own interface here, and reports it (`-t` exits with 5).
        let tracked = instance.trackInterfaces.filter { $0 != interface }
        return [
            "name": .text(instance.name),
            // keepalived clears nopreempt for `state MASTER`, so all nodes start as BACKUP.
            "state": settings.preempt && settings.initialState == .preferred && instance.preferred == node.id
                ? "MASTER" : "BACKUP",
            "nopreempt": .flag(!settings.preempt),
            "interface": .text(interface),
            "router_id": .number(instance.routerID),
            "version": version == settings.version ? false : .number(version),
            "priority": .number(instance.priorities[node.id] ?? 100),
            "advert_int": .text(Self.seconds(settings.advertInterval)),
            "auth_pass": version == 2 ? authPasses[instance.name].map(MustacheValue.secret) ?? false : false,
            "unicast": unicast(instance, settings),
            "addresses": .list(instance.addresses.map { address($0, settings) }),
            "excluded": .list(instance.excluded.map { address($0, settings) }),
            "has_excluded": .flag(!instance.excluded.isEmpty),
            "track_interfaces": .list(tracked.map(MustacheValue.text)),
            "has_track_interfaces": .flag(!tracked.isEmpty),
            "track_scripts": .list(instance.trackScripts.map(MustacheValue.text)),
            "has_track_scripts": .flag(!instance.trackScripts.isEmpty),
            "has_handover": .flag(instance.followsHandover),
            "handover": [
                "name": .text(NodePaths.handoverName(of: instance.name)),
                "path": .text(NodePaths.handover(of: instance.name)),
            ],
            "notify": .optional(settings.notify.isUsed ? NodePaths.notifyScript : nil),
            "extra": raw(instance.extra),
        ]
    }

    private func unicast(_ instance: VRRPInstance, _ settings: KeepalivedSettings) -> MustacheValue {
        guard settings.transport == .unicast, let source = address(of: node, for: instance) else {
            return false
        }
        let peers = cluster.nodes.filter { $0.id != node.id }.compactMap { address(of: $0, for: instance) }
        return [
            "source": .optional(settings.namesUnicastSource ? "\(source)" : nil),
            "peers": .list(peers.map { .text("\($0)") }),
        ]
    }

    /// The node's address for adverts, if it has the family that the instance advertises.
    private func address(of node: Node, for instance: VRRPInstance) -> IPAddress? {
        guard let address = instance.vrrpAddress(of: node), address.isIPv6 == instance.isIPv6 else {
            return nil
        }
        return address
    }

    private func address(_ vip: VirtualAddress, _ settings: KeepalivedSettings) -> MustacheValue {
        let isIPv4 = !vip.cidr.address.isIPv6
        return [
            "cidr": .text("\(vip.cidr)"),
            "ip": .text("\(vip.cidr.address)"),
            // IPv6 has neither broadcasts nor labels; a network of one or two addresses has no broadcast.
            "broadcast": .flag(settings.setsBroadcast && isIPv4 && vip.cidr.prefixLength < 31),
            "interface": .optional(vip.interface),
            "label": .optional(isIPv4 ? vip.label : nil),
            "options": .optional(vip.options),
        ]
    }

    /// The command line of a script as one word between double quotes. keepalived removes these quotes and then
    /// splits the word as a shell does (lib/notify.c, `set_script_params_array`).
    private static func quoted(_ command: String) -> String {
        "\"" + command.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }

    /// Hundredths of a second as keepalived writes seconds: `1`, `0.5`, `0.25`.
    private static func seconds(_ hundredths: Int) -> String {
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return "\(whole)" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    // MARK: haproxy, scripts, sysctl

    var haproxy: [String: MustacheValue] {
        guard let settings = cluster.haproxy else { return [:] }
        return [
            "stats_socket": .text(family.haproxyStatsSocket),
            "shipped": .flag(settings.isShipped),
            "has_global": .flag(settings.isShipped || settings.extraGlobal != nil),
            "has_defaults": .flag(settings.isShipped || settings.extraDefaults != nil),
            "extra_sections": raw(settings.extraSections),
            "has_extra_sections": .flag(settings.extraSections != nil),
            "extra_global": raw(settings.extraGlobal),
            "extra_defaults": raw(settings.extraDefaults),
            "frontends": .list(
                settings.frontends.map { frontend in
                    [
                        "name": .text(frontend.name), "binds": .list(frontend.binds.map(MustacheValue.text)),
                        "mode": .text(frontend.mode.rawValue), "backend": .text(frontend.backend),
                        "extra": raw(frontend.extra),
                    ]
                }),
            "backends": .list(settings.backends.map(backend)),
        ]
    }

    private func backend(_ backend: HAProxySettings.Backend) -> MustacheValue {
        let path: String? = if case .http(let path) = backend.check { path } else { nil }
        return [
            "name": .text(backend.name), "mode": .text(backend.mode.rawValue),
            "balance": .text(backend.balance),
            // haproxy 1.5 to 3.x accept this syntax.
            "http_check": .optional(path),
            "servers": .list(
                backend.servers.map { server in
                    [
                        "name": .text(server.name), "endpoint": .text(server.endpoint),
                        "checked": .flag(backend.check != .none), "options": .optional(server.options),
                    ]
                }),
            "extra": raw(backend.extra),
        ]
    }

    /// The TCP ports that frontends listen on, ascending: decimal, and as /proc/net/tcp writes them.
    var checkScript: [String: MustacheValue] {
        let binds = cluster.binds
        let ports = Set(binds.compactMap(Self.port)).sorted()
        return [
            "ports": .list(
                ports.map { port in
                    let digits = String(port, radix: 16, uppercase: true)
                    return [
                        "port": .number(port),
                        "hex": .text(String(repeating: "0", count: 4 - digits.count) + digits),
                    ]
                })
        ]
    }

    /// The port of the first word of a `bind` line; `nil` for sockets, descriptors and ranges.
    private static func port(of bind: String) -> Int? {
        guard let address = bind.split(separator: " ").first, !address.hasPrefix("/"), !address.contains("@"),
            let text = address.split(separator: ":", omittingEmptySubsequences: false).last,
            let port = Int(text), (1...65535).contains(port)
        else { return nil }
        return port
    }

    /// The values for haops' notify script. A trailing slash distinguishes a directory from a script.
    var notifyScript: [String: MustacheValue] {
        guard let settings = cluster.keepalived else { return [:] }
        let notify = settings.notify
        var hooks: [(state: String, path: String)] = []
        for event in NotifySettings.Event.allCases {
            hooks += (notify.hooks[event] ?? []).map { (event.state, $0) }
            if event == .master, let directory = notify.directory {
                hooks.append((event.state, directory + "/"))
            }
        }
        return [
            "writes_state": .flag(notify.writesState), "runs_scripts": .flag(notify.runsScripts),
            "timeout": .number(notify.timeout), "script_security": .flag(settings.scriptSecurity),
            "hooks": .list(hooks.map { ["state": .text($0.state), "path": .text($0.path)] }),
        ]
    }

    var sysctl: [String: MustacheValue] {
        [
            "settings": .list(
                cluster.sysctl.map { ["key": .text($0.key), "value": .text($0.value)] })
        ]
    }
}

extension VRRPInstance {
    /// Whether its adverts use IPv6, which the family of its first address decides.
    package var isIPv6: Bool { addresses.first?.cidr.address.isIPv6 ?? false }
}
