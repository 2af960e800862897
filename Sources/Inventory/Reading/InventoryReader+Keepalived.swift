import Addresses
import Remote

extension InventoryReader {
    static let keepalivedKeys = InventoryShape.keepalived.keyNames
    static let scriptKeys = InventoryShape.script.keyNames

    mutating func readKeepalived(
        _ entry: YAMLEntry, cluster: String, nodes: NodesDraft
    ) -> KeepalivedSettings? {
        put(.keepalived(cluster: cluster), at: entry.keyMark)
        let example =
            "keepalived: { interface: eth0, instances: { VI_1: { router_id: 51, addresses: [203.0.113.50/24] } } }"
        guard
            let fields = fields(
                entry, of: "`keepalived`", keys: Self.keepalivedKeys,
                misplaced: [
                    "priority": "a priority belongs to a node: `nodes: { lb1: { priority: 150 } }`",
                    "state": "the state follows from `preferred`", "nopreempt": "write `preempt: false`",
                    "virtual_router_id": "write `router_id` in an instance",
                    "addresses":
                        "addresses belong to an instance: `instances: { VI_1: { addresses: [...] } }`",
                ], example: example)
        else { return nil }
        if fields["interface"] == nil {
            missing(
                "interface", in: fields, of: "`keepalived` of cluster `\(cluster)`",
                remedy: "write the interface that carries the adverts: `interface: eth0`")
        }
        var settings = KeepalivedSettings(interface: interface(fields["interface"]) ?? "", instances: [])
        if let transport = choice(fields["transport"], of: KeepalivedSettings.Transport.self) {
            settings.transport = transport
        }
        if let entry = fields["version"] {
            put(.version(cluster: cluster), at: entry.value.mark)
            settings.version = integer(entry, in: InventoryShape.versions, example: "2") ?? settings.version
        }
        if let interval = readAdvertInterval(fields["advert_interval"], version: settings.version) {
            settings.advertInterval = interval
        }
        if let entry = fields["auth_pass"] {
            put(.authPass(cluster: cluster), at: entry.keyMark)
            settings.authPass = readSecretValue(entry)
        }
        if let entry = fields["preempt"] {
            put(.preempt(cluster: cluster), at: entry.keyMark)
            settings.preempt = boolean(entry) ?? settings.preempt
        }
        if let state = choice(fields["initial_state"], of: KeepalivedSettings.InitialState.self) {
            settings.initialState = state
        }
        settings.namesUnicastSource = boolean(fields["unicast_source"]) ?? settings.namesUnicastSource
        settings.setsBroadcast = boolean(fields["broadcast"]) ?? settings.setsBroadcast
        settings.scriptSecurity = boolean(fields["script_security"]) ?? settings.scriptSecurity
        settings.notify = readNotify(fields["notify"]) ?? settings.notify
        settings.options = readOptions(fields["options"]) ?? settings.options
        let scripts = readScripts(fields["scripts"], cluster: cluster)
        settings.scripts = scripts.read
        let preferred = readPreferred(fields["preferred"], among: nodes.names)
        guard let instancesEntry = fields["instances"] else {
            missing(
                "instances", in: fields, of: "`keepalived` of cluster `\(cluster)`",
                remedy: "add `instances: { VI_1: { router_id: 51, addresses: [203.0.113.50/24] } }`")
            return nil
        }
        let instances =
            named(
                instancesEntry, what: "instance",
                example: "instances: { VI_1: { router_id: 51, addresses: [203.0.113.50/24] } }") ?? []
        let priorities = clusterPriorities(of: nodes)
        settings.instances = instances.compactMap { item in
            readInstance(
                item,
                in: InstanceContext(
                    cluster: cluster, nodes: nodes, priorities: priorities, preferred: preferred,
                    scripts: scripts.names))
        }
        readExtra(fields["extra"], into: &settings, instances: instances.map(\.key))
        return settings
    }

    // MARK: - Settings

    /// Reads seconds as hundredths: whole seconds in version 2 (RFC 3768: one byte), up to 40.95 in version 3
    /// (RFC 5798: 12 bits).
    private mutating func readAdvertInterval(_ entry: YAMLEntry?, version: Int) -> Int? {
        guard let entry, let text = string(entry, example: "1") else { return nil }
        guard let value = hundredths(text) else {
            wrong(entry, wants: "seconds, hundredths at the finest", example: "advert_interval: 1")
            return nil
        }
        if version == 2, value % 100 != 0 {
            error(
                entry.value.mark,
                "VRRP version 2 counts adverts in whole seconds: \(text) s would be rounded",
                remedy: "write `advert_interval: \(max(1, value / 100))`, or `version: 3`")
            return nil
        }
        let longest = version == 2 ? 25500 : 4095
        guard value >= 1, value <= longest else {
            let (least, most) = version == 2 ? ("1", "255") : ("0.01", "40.95")
            error(
                entry.value.mark,
                "`advert_interval` is outside \(least) to \(most) seconds (VRRP version \(version))",
                remedy: "write `advert_interval: 1`: a longer one makes the failover slower")
            return nil
        }
        return value
    }

    /// `1`, `0.25` or `2.5` in hundredths; `nil` for anything else or anything finer.
    private func hundredths(_ text: String) -> Int? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = parts.first, (1...5).contains(whole.count),
            parts.joined().allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        var value = whole.reduce(0) { $0 * 10 + Int($1 & 15) }
        var fraction = parts.count == 2 ? Array(parts[1]) : []
        guard parts.count == 1 || !fraction.isEmpty else { return nil }
        while fraction.count > 2, fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        guard fraction.count <= 2 else { return nil }
        for index in 0..<2 { value = value * 10 + (index < fraction.count ? Int(fraction[index] & 15) : 0) }
        return value
    }

    /// Reads the daemon's arguments. They are written between double quotes into a file that a shell or systemd
    /// reads.
    private mutating func readOptions(_ entry: YAMLEntry?) -> String? {
        guard let entry, let text = line(entry, example: "\"--vrrp\"") else { return nil }
        guard !text.utf8.contains(where: { "\"\\$`".utf8.contains($0) }) else {
            error(
                entry.value.mark, "`options` cannot have quotes, backslashes or dollar signs",
                remedy: "write plain words: `options: \"--vrrp\"`")
            return nil
        }
        return text
    }

    private mutating func readPreferred(_ entry: YAMLEntry?, among names: [String]) -> HostID? {
        guard let entry, let name = string(entry, example: names.first ?? "lb1") else { return nil }
        return member(name, of: names, at: entry.value.mark)
    }

    mutating func member(_ name: String, of names: [String], at mark: Mark) -> HostID? {
        if names.contains(name) { return HostID(name) }
        let near = suggestion(for: name, among: names)
        error(
            mark, "no node \(quoted(name)) is in this cluster",
            remedy: near.map { "did you mean `\($0)`?" } ?? "its nodes are \(NodeRange.folded(names))")
        return nil
    }

    private mutating func readExtra(
        _ entry: YAMLEntry?, into settings: inout KeepalivedSettings, instances: [String]
    ) {
        guard let entry,
            let fields = fields(
                entry, of: "`extra`", keys: ["global_defs", "blocks"] + instances,
                example: "extra: { global_defs: \"vrrp_garp_master_refresh 60\" }")
        else { return }
        settings.extraGlobal = lines(fields["global_defs"], example: "vrrp_garp_master_refresh 60")
        settings.extraBlocks = lines(
            fields["blocks"], example: "vrrp_sync_group VG_1 { group { VI_1 } }")
        for index in settings.instances.indices {
            settings.instances[index].extra = lines(
                fields[settings.instances[index].name], example: "garp_master_delay 2")
        }
    }

    // MARK: - Scripts

    private struct Scripts {
        var read: [TrackScript] = []
        var names: [String] = []
    }

    private mutating func readScripts(_ entry: YAMLEntry?, cluster: String) -> Scripts {
        var scripts = Scripts()
        guard let entry,
            let entries = named(
                entry, what: "script",
                example: "scripts: { check_haproxy: { run: /etc/keepalived/check_haproxy.sh } }")
        else { return scripts }
        scripts.names = entries.map(\.key)
        scripts.read = entries.compactMap { readScript($0, cluster: cluster) }
        return scripts
    }

    private mutating func readScript(_ entry: YAMLEntry, cluster: String) -> TrackScript? {
        let name = entry.key
        put(.script(cluster: cluster, name: name), at: entry.keyMark)
        let known = diagnostics.count
        guard
            let fields = fields(
                entry, of: "script `\(name)`", keys: Self.scriptKeys,
                misplaced: ["script": "write `run`", "user": "write it as a raw line: `extra: \"user …\"`"],
                example: "\(name): { run: /etc/keepalived/check_haproxy.sh }")
        else { return nil }
        guard let run = fields["run"] else {
            missing(
                "run", in: fields, of: "script `\(name)`",
                remedy: "write what to run: `run: /etc/keepalived/check_haproxy.sh`")
            return nil
        }
        var script = TrackScript(name: name, run: "")
        if let command = line(run, example: "/etc/keepalived/check_haproxy.sh") {
            script.run = command
            checkCommand(command, at: run.value.mark)
        }
        script.interval =
            integer(fields["interval"], in: InventoryShape.scriptSeconds, example: "2") ?? script.interval
        script.timeout = integer(fields["timeout"], in: InventoryShape.scriptSeconds, example: "2")
        script.fall = integer(fields["fall"], in: InventoryShape.scriptCounts, example: "2") ?? script.fall
        script.rise = integer(fields["rise"], in: InventoryShape.scriptCounts, example: "2") ?? script.rise
        if let weight = fields["weight"] {
            put(.scriptWeight(cluster: cluster, script: name), at: weight.value.mark)
            script.weight = integer(weight, in: InventoryShape.weights, example: "-60") ?? script.weight
        }
        script.isOwn = boolean(fields["own"]) ?? script.isOwn
        script.extra = lines(fields["extra"], example: "init_fail")
        if let timeout = script.timeout, timeout > script.interval, let mark = fields["timeout"]?.value.mark {
            warning(
                mark,
                "`\(name)` may run for \(timeout) s but starts every \(script.interval) s: runs overlap",
                remedy: "make `timeout` at most \(script.interval), or `interval` longer")
        }
        return diagnostics[known...].contains { $0.severity == .error } ? nil : script
    }

    /// Refuses shell operators: keepalived runs scripts without a shell, so operators would become arguments.
    private mutating func checkCommand(_ command: String, at mark: Mark) {
        let program = command.prefix { $0 != " " }
        if program.isEmpty {
            error(mark, "`run` has no program", remedy: "write `run: /etc/keepalived/check_haproxy.sh`")
        } else if let found = shellOperator(in: command) {
            error(
                mark,
                "keepalived runs `run` without a shell: `\(found)` would be an argument of `\(program.visible)`",
                remedy: "put the line into a script of its own, or write `run: /bin/sh -c '…'`")
        } else if program.contains("/"), !program.hasPrefix("/") {
            error(
                mark, "\(quoted(program)) is not an absolute path",
                remedy: "write where the script is on the nodes: `/etc/keepalived/check_haproxy.sh`")
        }
    }

    private func shellOperator(in command: String) -> String? {
        var quote: Character?
        var rest = command[...]
        while let letter = rest.first {
            if let open = quote {
                if letter == open { quote = nil }
            } else if letter == "'" || letter == "\"" {
                quote = letter
            } else {
                let operators = ["||", "&&", "$(", "|", "&", ";", ">", "<", "`"]
                if let found = operators.first(where: rest.hasPrefix) { return found }
            }
            rest = rest.dropFirst()
        }
        return nil
    }
}
