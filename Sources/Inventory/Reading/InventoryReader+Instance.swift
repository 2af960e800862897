import Addresses
import Remote

/// What an instance inherits from its cluster.
struct InstanceContext {
    var cluster: String
    var nodes: NodesDraft
    /// The cluster's priorities by node; `nil` when any is invalid.
    var priorities: [HostID: Int]?
    var preferred: HostID?
    /// The names of all scripts, including invalid ones.
    var scripts: [String]
}

extension InventoryReader {
    static let instanceKeys = InventoryShape.instance.keyNames
    static let addressKeys = InventoryShape.addressProperties.keyNames

    /// The nodes' priorities for instances without their own; `nil` when any is invalid.
    ///
    /// Without configured priorities they count down from 150, in steps of 10 if there is room.
    mutating func clusterPriorities(of nodes: NodesDraft) -> [HostID: Int]? {
        guard !nodes.isBroken, !nodes.drafts.isEmpty else { return nil }
        let given = nodes.drafts.filter { $0.priority != nil }
        if given.isEmpty {
            let step = min(10, 149 / nodes.drafts.count)
            guard step > 0 else { return nil }
            let values = nodes.drafts.enumerated().map { ($1.node.id, 150 - step * $0) }
            return Dictionary(values) { first, _ in first }
        }
        for draft in nodes.drafts where draft.priority == nil {
            let place = locations[.node(draft.node.id)] ?? SourceLocation(file: file, line: 1, column: 1)
            diagnostics.append(
                Diagnostic(
                    .error, at: place,
                    "`\(draft.node.id)` has no `priority`, but `\(given[0].node.id)` has one",
                    remedy: "give every node of the cluster a priority, or none"))
        }
        guard given.count == nodes.drafts.count else { return nil }
        return Dictionary(given.compactMap { draft in draft.priority.map { (draft.node.id, $0) } }) {
            first, _ in
            first
        }
    }

    mutating func readInstance(_ entry: YAMLEntry, in context: InstanceContext) -> VRRPInstance? {
        let name = entry.key
        let cluster = context.cluster
        put(.instance(cluster: cluster, name: name), at: entry.keyMark)
        guard
            let fields = fields(
                entry, of: "instance `\(name)`", keys: Self.instanceKeys,
                misplaced: [
                    "virtual_router_id": "write `router_id`", "virtual_ipaddress": "write `addresses`",
                    "virtual_ipaddress_excluded": "write `excluded`",
                    "state": "the state follows from `preferred`",
                    "priority": "priorities differ between nodes: `priorities: { lb1: 150, lb2: 100 }`",
                    "advert_interval": "write it one level up, in `keepalived`",
                    "preempt": "write it one level up, in `keepalived`",
                    "version": "write it one level up, in `keepalived`",
                    "transport": "write it one level up, in `keepalived`",
                    "extra": "write raw lines as `extra: { \(name): \"…\" }` in `keepalived`",
                ], example: "\(name): { router_id: 51, addresses: [203.0.113.50/24] }")
        else { return nil }
        var instance = VRRPInstance(
            name: name, routerID: 0, addresses: [], preferred: HostID(""), priorities: [:])
        if let entry = fields["router_id"] {
            put(.routerID(cluster: cluster, instance: name), at: entry.value.mark)
            instance.routerID = integer(entry, in: InventoryShape.routerIDs, example: "51") ?? 0
        } else {
            missing(
                "router_id", in: fields, of: "instance `\(name)`",
                remedy: "write a number from 1 to 255 that nobody else on the segment uses: `router_id: 51`")
        }
        instance.interface = interface(fields["interface"])
        instance.authPass = fields["auth_pass"].flatMap { readSecretValue($0) }
        readAddresses(fields, into: &instance, cluster: cluster)
        for word in words(fields["track_interfaces"], example: "[eth1]") {
            guard let interface = interface(word.text, at: word.mark) else { continue }
            put(.trackInterface(cluster: cluster, instance: name, interface: interface), at: word.mark)
            instance.trackInterfaces.append(interface)
        }
        for word in words(fields["track_scripts"], example: "[check_haproxy]") {
            guard context.scripts.contains(word.text) else {
                let near = suggestion(for: word.text, among: context.scripts)
                error(
                    word.mark, "no script \(quoted(word.text)) is among `scripts`",
                    remedy: near.map { "did you mean `\($0)`?" }
                        ?? "add it: `scripts: { check_haproxy: { run: /etc/keepalived/check_haproxy.sh } }`")
                continue
            }
            put(.trackScript(cluster: cluster, instance: name, script: word.text), at: word.mark)
            instance.trackScripts.append(word.text)
        }
        instance.followsHandover = boolean(fields["handover"]) ?? instance.followsHandover
        readVRRPAddresses(fields["vrrp_addresses"], into: &instance, in: context)
        readElection(fields, into: &instance, in: context)
        return instance
    }

    /// Reads where the nodes' adverts for this instance come from: all nodes, or none.
    private mutating func readVRRPAddresses(
        _ entry: YAMLEntry?, into instance: inout VRRPInstance, in context: InstanceContext
    ) {
        guard let entry else { return }
        let example = "vrrp_addresses: { lb1: 192.0.2.11, lb2: 192.0.2.12 }"
        guard let entries = entry.value.entries, !entries.isEmpty else {
            wrong(entry, wants: "an address for each node", example: example)
            return
        }
        for item in entries {
            guard let node = member(item.key, of: context.nodes.names, at: item.keyMark),
                let text = string(item, example: "192.0.2.11")
            else { continue }
            guard let address = IPAddress(text) else {
                error(item.value.mark, "\(quoted(text)) is not a valid address", remedy: "write `\(example)`")
                continue
            }
            instance.vrrpAddresses[node] = address
        }
        let missing = context.nodes.names.filter { name in !entries.contains { $0.key == name } }
        if !missing.isEmpty {
            error(
                entry.keyMark,
                "`vrrp_addresses` of `\(instance.name)` has no address for \(NodeRange.folded(missing))",
                remedy: "name every node of the cluster, or none")
        }
    }

    // MARK: - Who owns it

    private mutating func readElection(
        _ fields: Fields, into instance: inout VRRPInstance, in context: InstanceContext
    ) {
        var preferred = context.preferred
        let own = fields["preferred"]
        if let own, let name = string(own, example: "lb1") {
            put(.preferred(cluster: context.cluster, instance: instance.name), at: own.value.mark)
            preferred = member(name, of: context.nodes.names, at: own.value.mark)
        }
        if let entry = fields["priorities"] {
            guard let priorities = readPriorities(entry, of: instance.name, in: context) else { return }
            instance.priorities = priorities
            guard let highest = priorities.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else {
                return
            }
            if let own, let preferred, priorities[preferred] ?? 0 < priorities[highest] ?? 0 {
                error(
                    own.value.mark, "`\(preferred)` is preferred, but `priorities` gives `\(highest)` more",
                    remedy: "remove `preferred`, or give `\(preferred)` the highest priority")
            }
            instance.preferred = highest
            return
        }
        guard let given = context.priorities else { return }
        // The preferred node gets the highest priority; the other nodes keep their order.
        let ranked = given.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        guard let owner = preferred ?? ranked.first?.key, given[owner] != nil else { return }
        let order = [owner] + ranked.map(\.key).filter { $0 != owner }
        instance.preferred = owner
        instance.priorities = Dictionary(uniqueKeysWithValues: zip(order, ranked.map(\.value)))
    }

    private mutating func readPriorities(
        _ entry: YAMLEntry, of instance: String, in context: InstanceContext
    ) -> [HostID: Int]? {
        let example = "priorities: { lb1: 150, lb2: 100 }"
        guard let entries = entry.value.entries else {
            wrong(entry, wants: "a priority for each node", example: example)
            return nil
        }
        var priorities: [HostID: Int] = [:]
        var isGood = true
        for item in entries {
            guard let id = member(item.key, of: context.nodes.names, at: item.keyMark) else {
                isGood = false
                continue
            }
            put(
                .instancePriority(cluster: context.cluster, instance: instance, node: id), at: item.value.mark
            )
            guard let value = priority(item.value, named: item.key) else {
                isGood = false
                continue
            }
            if priorities[id] == nil { priorities[id] = value }
        }
        let missing = context.nodes.names.filter { name in !entries.contains { $0.key == name } }
        if !missing.isEmpty {
            error(
                entry.keyMark, "`priorities` of `\(instance)` leaves out \(NodeRange.folded(missing))",
                remedy: "give every node of the cluster a priority")
            isGood = false
        }
        return isGood ? priorities : nil
    }

    // MARK: - Addresses

    private mutating func readAddresses(
        _ fields: Fields, into instance: inout VRRPInstance, cluster: String
    ) {
        let name = instance.name
        guard let addresses = fields["addresses"], !items(addresses).isEmpty else {
            missing(
                "addresses", in: fields, of: "instance `\(name)`", at: fields["addresses"]?.keyMark,
                remedy: "add the virtual addresses: `addresses: [203.0.113.50/24]`")
            return
        }
        var index = 0
        for (list, key) in [
            (addresses, \VRRPInstance.addresses), (fields["excluded"], \VRRPInstance.excluded),
        ] {
            for item in items(list) {
                guard let (address, mark) = readAddress(item) else { continue }
                put(.address(cluster: cluster, instance: name, index: index), at: mark)
                instance[keyPath: key].append(address)
                index += 1
            }
        }
    }

    private mutating func readAddress(_ node: YAMLNode) -> (VirtualAddress, Mark)? {
        let example = "{ vip: 203.0.113.50/24, interface: eth1 }"
        if let text = node.scalar, !node.isNull {
            return readCIDR(text, at: node.mark).map { (VirtualAddress(cidr: $0), node.mark) }
        }
        guard node.entries != nil else {
            wrong(
                node, named: "addresses", wants: "a list of addresses",
                example: "addresses: [203.0.113.50/24]")
            return nil
        }
        let entry = YAMLEntry(key: "addresses", keyMark: node.mark, value: node)
        guard
            let fields = fields(
                entry, of: "an address", keys: Self.addressKeys,
                misplaced: ["address": "write `vip`", "dev": "write `interface`"], example: example)
        else { return nil }
        guard let vip = fields["vip"] else {
            missing("vip", in: fields, of: "this address", at: node.mark, remedy: "write `\(example)`")
            return nil
        }
        guard let text = string(vip, example: "203.0.113.50/24"),
            let cidr = readCIDR(text, at: vip.value.mark)
        else { return nil }
        var address = VirtualAddress(cidr: cidr, interface: interface(fields["interface"]))
        if let label = fields["label"], let text = line(label, example: "eth1:0") {
            checkLabel(text, at: label.value.mark, isIPv6: cidr.address.isIPv6)
            address.label = text
        }
        address.options = line(fields["options"], example: "scope link")
        address.isOutside = boolean(fields["outside"]) ?? false
        return (address, vip.value.mark)
    }

    private mutating func readCIDR(_ text: String, at mark: Mark) -> CIDR? {
        guard let cidr = CIDR(text) else {
            error(
                mark, "\(quoted(text)) is not a valid address/prefix",
                remedy: "write `203.0.113.50/24` or `2001:db8::50/64`")
            return nil
        }
        if let reason = cidr.reasonAgainstVIP {
            error(
                mark, "\(quoted(text)) cannot be a virtual address: it is \(reason)",
                remedy: "choose a free host address")
            return nil
        }
        return cidr
    }

    private mutating func checkLabel(_ label: String, at mark: Mark, isIPv6: Bool) {
        if label.utf8.count > 15 {
            error(
                mark,
                "the label \(quoted(label)) has \(label.utf8.count) bytes: keepalived drops an address whose label has more than 15",
                remedy: "shorten it, `eth1:0`, or leave it out")
        } else if !isInterfaceName(label) {
            error(
                mark, "\(quoted(label)) is not a label", remedy: "write `label: \"eth1:0\"`, or leave it out")
        } else if isIPv6 {
            warning(mark, "IPv6 addresses have no labels: the kernel ignores it", remedy: "leave it out")
        }
    }
}

extension CIDR {
    /// Why an address cannot be a host's, or `nil`.
    fileprivate var reasonAgainstVIP: String? {
        switch address {
        case .v4(let value):
            if value == 0 { return "the unspecified address" }
            if value >> 24 == 127 { return "a loopback address" }
            if value >> 28 >= 14 {
                return value == .max ? "the broadcast address" : "a multicast or reserved address"
            }
            guard (1...30).contains(prefixLength) else {
                return prefixLength == 0 ? "in a network of length 0" : nil
            }
            let host = value & (UInt32.max >> UInt32(prefixLength))
            if host == 0 { return "the address of the network itself" }
            return host == UInt32.max >> UInt32(prefixLength) ? "the broadcast address of its network" : nil
        case .v6(let high, let low):
            if high == 0, low <= 1 { return low == 0 ? "the unspecified address" : "the loopback address" }
            if high >> 56 == 0xFF { return "a multicast address" }
            return prefixLength == 0 ? "in a network of length 0" : nil
        }
    }
}
