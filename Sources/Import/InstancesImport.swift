import Addresses
import Facts
import Inventory
import Keepalived
import Remote
import Rendering

/// Imports the instances of a cluster: settings that are equal on all nodes, settings of single nodes, and the
/// rest as raw lines.
struct InstancesImport {
    let cluster: KeepalivedImport
    private(set) var settings: KeepalivedSettings
    private(set) var secrets: SecretBook
    private(set) var kept: [KeptLine] = []
    private(set) var refusals: [Remark] = []
    private(set) var notes: [Remark] = []
    private var nodes: [NodeEvidence] { cluster.nodes }

    init(_ cluster: KeepalivedImport) {
        self.cluster = cluster
        settings = cluster.settings
        secrets = cluster.secrets
    }

    mutating func run() {
        var names: [String] = []
        for instance in cluster.configurations.flatMap(\.configuration.instances)
        where !names.contains(instance.name) {
            names.append(instance.name)
        }
        chooseCommonPassword(of: names)
        for name in names {
            let found = cluster.instances(named: name)
            guard found.count == nodes.count else {
                let missing = nodes.filter { node in !found.contains { $0.node.id == node.id } }
                refuse(
                    "`vrrp_instance \(name)` is missing on \(missing.map(\.id.name).joined(separator: ", ")): every node of a cluster has every instance",
                    found, \.location)
                continue
            }
            if let instance = importInstance(name, found) { settings.instances.append(instance) }
        }
    }

    private typealias Found = [(node: NodeEvidence, instance: Instance)]

    private mutating func refuse(
        _ text: String, _ found: Found, hint: String? = nil,
        _ place: (Instance) -> ConfigurationLocation?
    ) {
        refusals.append(
            Remark(
                text, at: found.map { $0.node.place(place($0.instance) ?? $0.instance.location) }, hint: hint)
        )
    }

    private mutating func importInstance(_ name: String, _ found: Found) -> VRRPInstance? {
        let first = found[0].instance
        guard let routerID = first.virtualRouterID?.value else {
            refuse("`\(name)` has no virtual_router_id: keepalived does not run with this", found, \.location)
            return nil
        }
        if found.contains(where: { $0.instance.virtualRouterID?.value != routerID }) {
            refuse(
                "the router ids of `\(name)` differ, so its nodes do not hear each other", found,
                hint: "give every node the same virtual_router_id"
            ) { $0.virtualRouterID?.location }
        }
        var instance = VRRPInstance(
            name: name, routerID: routerID, addresses: [], preferred: HostID(""), priorities: [:])
        importPriorities(found, &instance)
        importInterface(found, &instance)
        importPassword(found, &instance)
        instance.addresses = addresses(found, \.addresses, "virtual_ipaddress")
        instance.excluded = addresses(found, \.excludedAddresses, "virtual_ipaddress_excluded")
        importSources(found, &instance)
        instance.trackInterfaces =
            common(found, \.trackInterfaces)?.filter { $0.weight == 0 }.map(\.name) ?? []
        let modelled = Set(settings.scripts.map(\.name))
        instance.trackScripts =
            common(found, \.trackScripts)?.filter { !$0.hasOwnWeight && modelled.contains($0.name) }
            .map(\.name) ?? []
        // In a sync group keepalived ignores the file's weight with a warning.
        instance.followsHandover = !found.contains { node, instance in
            node.keepalived?.syncGroup(of: instance) != nil
                || cluster.isMinimal
                    && !instance.trackFiles.contains { $0.name == NodePaths.handoverName(of: name) }
        }
        let taken = instance
        let merged = MergedLines(nodes) { node in
            found.first { $0.node.id == node.id }.map { rawLines(of: $0.instance, on: node, besides: taken) }
                ?? []
        }
        if !merged.entries.isEmpty {
            instance.extra = merged.text.joined(separator: "\n")
            kept += merged.kept(in: "keepalived.extra.\(name)")
        }
        return instance
    }

    private mutating func importPriorities(_ found: Found, _ instance: inout VRRPInstance) {
        for (node, one) in found {
            instance.priorities[node.id] = one.priority.value
            if one.isOwner {
                refuse(
                    "priority 255 makes `\(node.id)` the owner of the addresses: its checks never count",
                    [(node, one)], hint: "write at most 254"
                ) { $0.priority.location }
            }
        }
        let equal = Dictionary(grouping: found) { $0.instance.priority.value }.filter { $0.value.count > 1 }
        for (priority, found) in equal.sorted(by: { $0.key > $1.key }) {
            refuse(
                "priority \(priority) of `\(instance.name)` stands on several nodes: nobody is the owner for certain",
                found, hint: "give every node a priority of its own"
            ) { $0.priority.location }
        }
        let highest = instance.priorities.max { ($0.value, $1.key) < ($1.value, $0.key) }
        if let highest { instance.preferred = highest.key }
    }

    private func importInterface(_ found: Found, _ instance: inout VRRPInstance) {
        let names = Set(found.compactMap { $0.instance.interface?.value })
        guard names.count == 1, let name = names.first else { return }
        let fromNodes = Set(nodes.map { cluster.interfaces[$0.id] ?? settings.interface })
        if fromNodes != [name] { instance.interface = name }
    }

    // MARK: - Passwords

    /// Sets the common password if all instances that can have one have the same.
    private mutating func chooseCommonPassword(of names: [String]) {
        let passwords = cluster.everyInstance { _, instance in
            (hasNone: instance.version.value != 2, value: instance.authentication?.value)
        }.filter { !$0.hasNone }.map(\.value)
        guard let first = passwords.first.flatMap(\.self), first.kind == .password,
            passwords.allSatisfy({ $0 == first }), settings.version == 2
        else { return }
        let places = cluster.everyInstance { node, instance in
            instance.authentication.map { node.place($0.location) }
        }.compactMap(\.self)
        settings.authPass = book(first.secret, "vrrp", places)
    }

    private mutating func book(_ secret: Keepalived.Secret, _ name: String, _ places: [NodePlace])
        -> SecretValue?
    {
        let name = secrets.name(
            for: String(decoding: secret.bytes, as: UTF8.self), wanted: name, at: places)
        return secrets.source(of: name)
    }

    private mutating func importPassword(_ found: Found, _ instance: inout VRRPInstance) {
        let values = found.map { $0.instance.authentication?.value }
        if Set(values).count > 1 {
            refuse(
                "the authentication of `\(instance.name)` differs, so its nodes refuse each other's adverts",
                found,
                hint: "make `auth_type` and `auth_pass` the same on every node"
            ) { $0.authentication?.location }
            return
        }
        guard settings.authPass == nil, let value = values.first.flatMap(\.self) else { return }
        guard value.kind == .password else {
            refuse("`auth_type AH` cannot be expressed", found, hint: "use PASS, or none") {
                $0.authentication?.location
            }
            return
        }
        instance.authPass = book(
            value.secret, "vrrp_\(instance.name)",
            found.map { $0.node.place($0.instance.authentication?.location) })
    }

    // MARK: - Addresses and what is tracked

    private mutating func addresses(
        _ found: Found, _ list: KeyPath<Instance, [Keepalived.VirtualAddress]>, _ keyword: String
    ) -> [Inventory.VirtualAddress] {
        func meanings(_ instance: Instance) -> [String] { instance.meanings(of: instance[keyPath: list]) }
        for one in found {
            for other in found where other.node.id != one.node.id {
                for (address, meaning) in zip(one.instance[keyPath: list], meanings(one.instance))
                where !meanings(other.instance).contains(meaning) {
                    refuseAddress(address, on: one.node, of: one.instance, not: other.node.id, keyword)
                }
            }
        }
        let instance = found[0].instance
        return instance[keyPath: list].compactMap { address in
            guard let cidr = address.cidr else { return nil }
            // If every node uses the instance's own interface, the device is left out, because interface names
            // may differ.
            let isOwn = found.allSatisfy { node, one in
                one[keyPath: list].first { $0.address == address.address }?.device == one.interface?.value
            }
            var result = Inventory.VirtualAddress(
                cidr: cidr, interface: isOwn ? nil : address.device, label: address.label)
            result.options = options(of: address)
            result.isOutside = isOutside(address, found)
            return result
        }
    }

    /// Whether the address is in no network of its interface on some node. keepalived adds it all the same.
    private mutating func isOutside(_ address: Keepalived.VirtualAddress, _ found: Found) -> Bool {
        let virtual = Set(found.flatMap { $0.instance.allAddresses.map(\.address) })
        let outside = found.filter { node, instance in
            let name = address.device ?? instance.interface?.value
            guard
                let interface = node.facts.known(InterfacesFact.self)?.first(where: { $0.name == name })
            else { return false }
            let networks = interface.addresses.map(\.cidr).filter { !virtual.contains($0.address) }
            return !networks.contains { $0.contains(address.address) }
        }
        guard let first = outside.first else { return false }
        let interface = address.device ?? first.instance.interface?.value ?? "its interface"
        notes.append(
            Remark(
                "\(address.address) of `\(first.instance.name)` is outside the networks of `\(interface)`: kept as it is, with `outside: true`",
                at: outside.map {
                    $0.node.place($0.instance.allAddresses.first { $0.address == address.address }?.location)
                }))
        return true
    }

    /// Where unicast adverts of this instance come from, if not from where the nodes' other instances send theirs.
    private mutating func importSources(_ found: Found, _ instance: inout VRRPInstance) {
        guard settings.transport == .unicast else { return }
        var sources: [HostID: IPAddress] = [:]
        for (node, one) in found {
            sources[node.id] = one.sourceAddress?.value ?? cluster.addressToPeers(of: node, in: one.name)
        }
        let differs = found.contains { node, _ in
            sources[node.id] != nil && sources[node.id] != cluster.advertAddresses[node.id]
        }
        guard differs, sources.count == found.count else { return }
        instance.vrrpAddresses = sources
        notes.append(
            Remark(
                "`\(instance.name)` sends its adverts over another leg than the instances before it: kept as `vrrp_addresses`",
                at: found.map { $0.node.place($0.instance.sourceAddress?.location) }))
    }

    private mutating func refuseAddress(
        _ address: Keepalived.VirtualAddress, on node: NodeEvidence, of instance: Instance, not other: HostID,
        _ keyword: String
    ) {
        refusals.append(
            Remark(
                "`\(address.meaning)` of `\(instance.name)` does not stand so on \(other): all nodes of a cluster have the same `\(keyword)`",
                at: [node.place(address.location)], hint: "make the lists the same on every node"))
    }

    /// The options of an address that the inventory has no keys for.
    private func options(of address: Keepalived.VirtualAddress) -> String? {
        var words: [String] = []
        switch address.broadcast {
        case .lowest: words += ["brd", "-"]
        case .address(let broadcast): words += ["brd", "\(broadcast)"]
        case .highest, nil: break
        }
        if let scope = address.scope { words += ["scope", scope] }
        if let peer = address.peer { words += ["peer", "\(peer)"] }
        if address.isUntracked { words.append("no_track") }
        if let lifetime = address.preferredLifetime { words += ["preferred_lft", lifetime] }
        words += address.flags
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// The tracked objects if they are equal on every node; `nil` if they differ, so that each node keeps its own
    /// lines.
    private func common(
        _ found: Found, _ list: KeyPath<Instance, [TrackedReference]>
    ) -> [TrackedReference]? {
        let first = found[0].instance[keyPath: list]
        let names = Set(first.map(\.meaning))
        return found.allSatisfy { Set($0.instance[keyPath: list].map(\.meaning)) == names } ? first : nil
    }

    // MARK: - Raw lines

    /// Keywords that the inventory has keys for.
    static let modelled: Set<String> = [
        "state", "interface", "virtual_router_id", "priority", "version", "advert_int", "authentication",
        "nopreempt", "preempt", "virtual_ipaddress", "virtual_ipaddress_excluded", "native_ipv6",
    ]

    private mutating func rawLines(
        of instance: Instance, on node: NodeEvidence, besides taken: VRRPInstance
    ) -> [RawLines] {
        var lines = overrides(of: instance, on: node, besides: taken)
        let isUnicast = settings.transport == .unicast
        for line in node.statement("vrrp_instance", named: instance.name)?.block ?? []
        where line.kind != .unknown && !Self.modelled.contains(line.keyword) {
            switch line.keyword {
            case "unicast_src_ip", "unicast_peer":
                if isUnicast { continue }
            case "track_interface":
                if let rest = remaining(line, instance.trackInterfaces, besides: taken.trackInterfaces) {
                    lines.append(RawLines(rest, of: node, hidingIn: &secrets))
                }
                continue
            case "track_script":
                if let rest = remaining(line, instance.trackScripts, besides: taken.trackScripts) {
                    lines.append(RawLines(rest, of: node, hidingIn: &secrets))
                }
                continue
            case "track_file":
                let ours = NodePaths.handoverName(of: instance.name)
                if let rest = remaining(line, instance.trackFiles, besides: [ours]) {
                    lines.append(RawLines(rest, of: node, hidingIn: &secrets))
                }
                continue
            case "notify":
                if instance.notify.contains(where: { $0.event == "notify" && $0.isOfHaops }) { continue }
            default: break
            }
            lines.append(RawLines(line, of: node, hidingIn: &secrets))
        }
        return lines
    }

    /// A block of tracked objects without those that the inventory lists or that keepalived ignores.
    private func remaining(
        _ block: Statement, _ effective: [TrackedReference], besides listed: [String]
    ) -> Statement? {
        var block = block
        block.block = block.block?.filter { line in
            let name = line.words.first?.text ?? ""
            return !listed.contains(name) && effective.contains { $0.name == name }
        }
        return block.block?.isEmpty == true ? nil : block
    }

    /// The raw lines by which one node differs from the cluster's rendered settings. Raw lines come last, and the
    /// last of equal keywords counts.
    private func overrides(
        of instance: Instance, on node: NodeEvidence, besides taken: VRRPInstance
    ) -> [RawLines] {
        var lines: [RawLines] = []
        func add(_ text: String, _ location: ConfigurationLocation?) {
            lines.append(RawLines([text], at: node.place(location ?? instance.location)))
        }
        if instance.advertInterval.value.hundredths != settings.advertInterval {
            let hundredths = instance.advertInterval.value.hundredths
            let fraction = hundredths % 100
            add(
                "advert_int \(hundredths / 100)"
                    + (fraction == 0 ? "" : "." + (fraction < 10 ? "0" : "") + "\(fraction)"),
                instance.advertInterval.location)
        }
        let version = instance.family == .ipv6 ? 3 : settings.version
        if instance.version.value != version {
            add("version \(instance.version.value)", instance.version.location)
        }
        if instance.nopreempt.value, settings.preempt { add("nopreempt", instance.nopreempt.location) }
        let rendered = taken.interface ?? cluster.interfaces[node.id] ?? settings.interface
        if let name = instance.interface?.value, name != rendered {
            add("interface \(name)", instance.interface?.location)
        }
        return lines
    }
}
