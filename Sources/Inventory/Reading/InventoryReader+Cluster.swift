import Addresses
import Remote

/// A node as it was read, before its priorities are determined.
struct NodeDraft {
    var node: Node
    /// `nil` when the inventory does not say.
    var priority: Int?
}

/// The nodes of a cluster as they were read.
struct NodesDraft {
    var drafts: [NodeDraft] = []
    /// All names, including those of invalid nodes, so that references to them are not reported as unknown.
    var names: [String] = []
    /// Whether any node is invalid.
    var isBroken = false
}

extension InventoryReader {
    static let clusterKeys = InventoryShape.cluster.keyNames
    static let nodeKeys = InventoryShape.node.keyNames
    static let observerKeys = InventoryShape.observer.keyNames
    static let firewallKeys = InventoryShape.firewall.keyNames

    private static let sshElsewhere = Dictionary(
        uniqueKeysWithValues: (sshKeys + ["host", "hostname"]).map { key in
            key.hasPrefix("host")
                ? (key, "write `address`") : (key, "write `ssh: { \(key): … }`")
        })

    mutating func readCluster(
        _ entry: YAMLEntry, ssh: SSHSettings, templates: String?, files: FilesDraft
    ) -> Cluster? {
        let name = entry.key
        put(.cluster(name), at: entry.keyMark)
        guard
            let fields = fields(
                entry, of: "cluster `\(name)`", keys: Self.clusterKeys, misplaced: Self.sshElsewhere,
                example: "\(name): { nodes: { lb1: { address: 198.51.100.11 } } }")
        else { return nil }
        let ssh = readSSH(fields["ssh"], over: ssh)
        textSecrets = [:]
        var nodes = NodesDraft()
        if let entry = fields["nodes"] {
            nodes = readNodes(entry, ssh: ssh)
        } else {
            missing(
                "nodes", in: fields, of: "cluster `\(name)`",
                remedy: "add `nodes: { lb1: { address: 198.51.100.11 } }`")
        }
        let observers = fields["observers"].map { readObservers($0, ssh: ssh) } ?? []
        var cluster = Cluster(name: name, nodes: nodes.drafts.map(\.node), observers: observers)
        if let entry = section("keepalived", of: fields, onlyIfOwn: true) {
            cluster.keepalived = readKeepalived(entry, cluster: name, nodes: nodes)
        }
        if let entry = section("haproxy", of: fields, onlyIfOwn: true) {
            cluster.haproxy = readHAProxy(entry, cluster: name)
        }
        cluster.sysctl = readSysctl(section("sysctl", of: fields), cluster: name)
        cluster.firewall = readFirewall(section("firewall", of: fields), cluster: name)
        cluster.packages = readPackages(section("packages", of: fields))
        let files = files.under(readFiles(fields["files"], isNear: true))
        cluster.files = files.files
        note(files, of: cluster)
        cluster.textSecrets = textSecrets
        cluster.templates = path(fields["templates"]) ?? templates
        cluster.isAdopted = boolean(fields["adopted"]) ?? false
        return cluster
    }

    /// A cluster's section merged over that of `defaults`: its keys take precedence, and lists are replaced as a
    /// whole.
    private func section(_ key: String, of fields: Fields, onlyIfOwn: Bool = false) -> YAMLEntry? {
        guard let base = defaults[key] else { return fields[key] }
        guard var own = fields[key] else { return onlyIfOwn ? nil : base }
        own.value = own.value.laid(over: base.value)
        return own
    }

    /// Records the places of a cluster's files, and the secrets that they name.
    private mutating func note(_ files: FilesDraft, of cluster: Cluster) {
        for (path, file) in files.entries {
            put(.file(cluster: cluster.name, path: path), at: file.mark)
            if let mark = file.modeMark { put(.fileMode(cluster: cluster.name, path: path), at: mark) }
            readTextSecrets(of: file)
        }
    }

    /// Reads the secrets that a template names as `${secret:NAME}`, like raw lines.
    private mutating func readTextSecrets(of entry: FilesDraft.Entry) {
        guard let file = entry.file, file.isTemplate else { return }
        for name in secretNames(in: String(decoding: file.contents, as: UTF8.self)) {
            readTextSecret(name, at: entry.mark)
        }
    }

    // MARK: - Machines

    private mutating func readNodes(_ entry: YAMLEntry, ssh: SSHSettings) -> NodesDraft {
        var nodes = NodesDraft()
        let known = diagnostics.count
        for item in machines(entry, what: "node", example: "nodes: { lb1: { address: 198.51.100.11 } }") {
            nodes.names += item.names
            guard
                let fields = machineFields(
                    item.entry, of: "node `\(item.entry.key.visible)`", keys: Self.nodeKeys)
            else { continue }
            let ssh = readSSH(fields["ssh"], over: ssh)
            let addresses = readAddresses(fields["address"], for: item)
            let interface = interface(fields["interface"])
            let vrrpAddresses = readVRRPAddresses(fields["vrrp_address"], for: item)
            let priorities = readPriorities(fields["priority"], for: item)
            let files = readFiles(fields["files"], isNear: true)
            for (index, name) in item.names.enumerated() {
                let id = HostID(name)
                put(.node(id), at: item.entry.keyMark)
                if let mark = addresses?.marks[index] { put(.nodeAddress(id), at: mark) }
                if let mark = vrrpAddresses?.marks[index] { put(.nodeVRRPAddress(id), at: mark) }
                let host = addresses?.texts[index] ?? name
                var node = Node(
                    id: id, target: ssh.target(id, host: host),
                    vrrpAddress: vrrpAddresses?.values[index] ?? IPAddress(host), interface: interface)
                node.files = files.files
                node.withheldFiles = files.withheld
                for (path, file) in files.entries {
                    put(.nodeFile(id, path: path), at: file.mark)
                    if let mark = file.modeMark { put(.nodeFileMode(id, path: path), at: mark) }
                    readTextSecrets(of: file)
                }
                if let mark = priorities?.marks[index] { put(.nodePriority(id), at: mark) }
                nodes.drafts.append(NodeDraft(node: node, priority: priorities?.values[index]))
            }
        }
        nodes.isBroken = diagnostics[known...].contains { $0.severity == .error }
        return nodes
    }

    private mutating func readObservers(_ entry: YAMLEntry, ssh: SSHSettings) -> [Observer] {
        var observers: [Observer] = []
        for item in machines(
            entry, what: "observer", example: "observers: { client: { address: 198.51.100.5 } }")
        {
            guard
                let fields = machineFields(
                    item.entry, of: "observer `\(item.entry.key.visible)`", keys: Self.observerKeys)
            else { continue }
            let ssh = readSSH(fields["ssh"], over: ssh)
            let addresses = readAddresses(fields["address"], for: item)
            for (index, name) in item.names.enumerated() {
                let id = HostID(name)
                put(.observer(id), at: addresses?.marks[index] ?? item.entry.keyMark)
                observers.append(
                    Observer(id: id, target: ssh.target(id, host: addresses?.texts[index] ?? name)))
            }
        }
        return observers
    }

    private mutating func machineFields(_ entry: YAMLEntry, of owner: String, keys: [String]) -> Fields? {
        // A machine without a mapping is reached by its name.
        if entry.value.isNull { return Fields([], mark: entry.keyMark) }
        return fields(
            entry, of: owner, keys: keys, misplaced: Self.sshElsewhere,
            example: "\(entry.key): { address: 198.51.100.11 }")
    }

    /// An entry of `nodes` or `observers` with the names that its key expands to.
    struct Machines {
        var entry: YAMLEntry
        var names: [String]
        /// Whether the key is a range, so that lists are distributed over its names.
        var isRange: Bool
    }

    /// The entries with their names. Every machine of the inventory must have a unique name.
    private mutating func machines(_ entry: YAMLEntry, what: String, example: String) -> [Machines] {
        guard let entries = entry.value.entries, !entries.isEmpty else {
            if what == "node" || !entry.value.isNull {
                wrong(entry, wants: "a mapping with a name for each \(what)", example: example)
            }
            return []
        }
        var result: [Machines] = []
        var keys: Set<String> = []
        for item in entries where keys.insert(item.key).inserted {
            guard let range = range(item.key, at: item.keyMark) else { continue }
            var names: [String] = []
            for name in range.names where isName(name, what: what, at: item.keyMark) {
                // One observer may watch several clusters.
                if let first = hosts[HostID(name)], what == "node" || !observers.contains(HostID(name)) {
                    error(
                        item.keyMark, "the name `\(name)` stands twice: first on line \(first.line)",
                        remedy: "every machine of an inventory needs a name of its own")
                } else {
                    hosts[HostID(name)] = item.keyMark
                    if what == "observer" { observers.insert(HostID(name)) }
                    names.append(name)
                }
            }
            guard names.count == range.count else { continue }
            result.append(Machines(entry: item, names: names, isRange: !range.isPlain))
        }
        return result
    }

    mutating func range(_ text: String, at mark: Mark) -> NodeRange? {
        do {
            return try NodeRange(text)
        } catch {
            self.error(mark, error.description, remedy: error.hint)
            return nil
        }
    }

    // MARK: - Values for each of several names

    /// A value for each name: a range (`198.51.100.[11-14]`) or a list over a range of names, one value for one.
    mutating func distributed(
        _ entry: YAMLEntry, over machines: Machines, example: String
    ) -> (texts: [String], marks: [Mark])? {
        var texts: [String] = []
        var marks: [Mark] = []
        for item in items(entry) {
            guard let text = item.scalar, !item.isNull else {
                wrong(
                    item, named: entry.key, at: entry, wants: "one value for each node", example: example)
                return nil
            }
            guard let range = range(text, at: item.mark) else { return nil }
            texts += range.names
            marks += [Mark](repeating: item.mark, count: range.count)
        }
        guard texts.count == machines.names.count else {
            let name = machines.entry.key.visible
            error(
                entry.value.mark,
                "`\(name)` is \(counted(machines.names.count, "name")), but `\(entry.key)` has \(counted(texts.count, "value"))",
                remedy: machines.isRange
                    ? "write a range or a list with \(machines.names.count): `\(example)`"
                    : "write one: `\(example)`")
            return nil
        }
        return (texts, marks)
    }

    private mutating func readAddresses(
        _ entry: YAMLEntry?, for machines: Machines
    ) -> (texts: [String], marks: [Mark])? {
        guard let entry else { return nil }
        guard
            let values = distributed(
                entry, over: machines,
                example: machines.isRange
                    ? "address: \"198.51.100.[11-\(10 + min(240, machines.names.count))]\""
                    : "address: 198.51.100.11")
        else { return nil }
        for (text, mark) in zip(values.texts, values.marks) where !isHost(text, at: mark) { return nil }
        return values
    }

    /// Whether the text is an address, a DNS name or an alias of the ssh configuration, and nothing else.
    private mutating func isHost(_ text: String, at mark: Mark) -> Bool {
        if IPAddress(text) != nil { return true }
        let remedy: String
        if text.contains("@") {
            remedy = "write the user as `ssh: { user: … }`"
        } else if text.contains("/") {
            remedy = "write the address without its prefix length"
        } else if looksNumeric(text) {
            remedy = "an IPv4 address is four numbers from 0 to 255 without zeros in front"
        } else if text.contains(":") {
            remedy = "write a port as `ssh: { port: … }`, and an IPv6 address without brackets"
        } else if isHostName(text) {
            return true
        } else {
            remedy = "write an address, a DNS name or an alias of your ssh configuration"
        }
        error(mark, "\(quoted(text)) is not an address", remedy: remedy)
        return false
    }

    private func looksNumeric(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }

    private mutating func readVRRPAddresses(
        _ entry: YAMLEntry?, for machines: Machines
    ) -> (values: [IPAddress], marks: [Mark])? {
        guard let entry,
            let values = distributed(entry, over: machines, example: "vrrp_address: 198.51.100.11")
        else { return nil }
        var addresses: [IPAddress] = []
        for (text, mark) in zip(values.texts, values.marks) {
            if let address = IPAddress(text) {
                addresses.append(address)
            } else {
                error(
                    mark, "`vrrp_address` wants an IP address, not \(quoted(text))",
                    remedy: "write the address from which the node sends its adverts")
            }
        }
        return addresses.count == machines.names.count ? (addresses, values.marks) : nil
    }

    private mutating func readPriorities(
        _ entry: YAMLEntry?, for machines: Machines
    ) -> (values: [Int], marks: [Mark])? {
        guard let entry else { return nil }
        let nodes = items(entry)
        if machines.isRange, machines.names.count > 1, nodes.count == 1 {
            let list = (0..<machines.names.count).prefix(4).map { String(150 - 10 * $0) }
            error(
                entry.value.mark,
                "`priority` is one number for \(machines.names.count) nodes: with equal priorities nobody is the owner for certain",
                remedy:
                    "write a list, `priority: [\(list.joined(separator: ", "))]`, or leave it out: then nodes count down from 150"
            )
            return nil
        }
        guard nodes.count == machines.names.count else {
            error(
                entry.value.mark,
                "`\(machines.entry.key.visible)` is \(counted(machines.names.count, "name")), but `priority` has \(counted(nodes.count, "value"))",
                remedy: "write one priority for each node")
            return nil
        }
        let values = nodes.map { priority($0, named: "priority") }
        let good = values.compactMap(\.self)
        return good.count == nodes.count ? (good, nodes.map(\.mark)) : nil
    }

    /// A priority, with what is wrong with one that is none.
    mutating func priority(_ node: YAMLNode, named name: String) -> Int? {
        guard let value = integer(node, named: name, in: -1_000_000...1_000_000, example: "150") else {
            return nil
        }
        guard InventoryShape.priorities.contains(value) else {
            let remedy =
                switch value {
                case 255:
                    "255 is for a router that owns the address: keepalived ignores its checks; write at most 254"
                case 0: "0 is what a master sends when it resigns; write at least 1"
                default: "write a number from 1 to 254"
                }
            error(node.mark, "the priority \(value) is outside 1 to 254", remedy: remedy)
            return nil
        }
        return value
    }

    // MARK: - Sections with few keys

    private mutating func readSysctl(_ entry: YAMLEntry?, cluster: String) -> [SysctlSetting] {
        guard let entry else { return [] }
        let example = "sysctl: { net.ipv4.ip_nonlocal_bind: 1 }"
        guard let entries = entry.value.entries else {
            wrong(entry, wants: "a mapping of kernel settings", example: example)
            return []
        }
        var settings: [SysctlSetting] = []
        for item in entries {
            guard item.key.contains("."),
                item.key.utf8.allSatisfy({ isAlphanumeric($0) || "_-./".utf8.contains($0) })
            else {
                error(
                    item.keyMark, "\(quoted(item.key)) is not a kernel setting", remedy: "write `\(example)`")
                continue
            }
            put(.sysctl(cluster: cluster, key: item.key), at: item.keyMark)
            if let value = line(item, example: "1") {
                settings.append(SysctlSetting(key: item.key, value: value))
            }
        }
        return settings
    }

    private mutating func readFirewall(_ entry: YAMLEntry?, cluster: String) -> FirewallSettings? {
        guard let entry,
            let fields = fields(
                entry, of: "`firewall`", keys: Self.firewallKeys,
                example: "firewall: { backend: auto, allow: [vrrp, icmp] }")
        else { return nil }
        put(.firewall(cluster: cluster), at: fields["allow"]?.value.mark ?? entry.keyMark)
        var settings = FirewallSettings(allow: [.vrrp, .icmp])
        if let backend = choice(fields["backend"], of: FirewallSettings.Backend.self) {
            settings.backend = backend
        }
        if let allow = fields["allow"] {
            var known: Set<FirewallSettings.Allowance> = []
            settings.allow = items(allow).compactMap { item in
                choice(item, named: "allow", of: FirewallSettings.Allowance.self)
            }.filter { known.insert($0).inserted }
        }
        return settings
    }

    private mutating func readPackages(_ entry: YAMLEntry?) -> [String] {
        words(entry, example: "[keepalived, haproxy]").compactMap { word in
            let isName =
                word.text.utf8.first.map(isAlphanumeric) == true
                && word.text.utf8.allSatisfy { isAlphanumeric($0) || "+-._:~=".utf8.contains($0) }
            if isName { return word.text }
            error(
                word.mark, "\(quoted(word.text)) is not the name of a package",
                remedy: "write `packages: [keepalived, haproxy]`")
            return nil
        }
    }
}

extension YAMLNode {
    /// Merges mappings key by key; everything else is replaced as a whole.
    func laid(over base: YAMLNode) -> YAMLNode {
        guard case .mapping(var entries) = content, let below = base.entries else { return self }
        let indices = Dictionary(entries.indices.map { (entries[$0].key, $0) }) { first, _ in first }
        for entry in below {
            if let index = indices[entry.key] {
                entries[index].value = entries[index].value.laid(over: entry.value)
            } else {
                entries.append(entry)
            }
        }
        return YAMLNode(content: .mapping(entries), mark: mark)
    }
}

func counted(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}
