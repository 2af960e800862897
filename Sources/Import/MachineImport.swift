import Addresses
import Facts
import Inventory
import Remote

/// Imports kernel settings and packages that are equal on all nodes. Others stay on the nodes.
struct MachineImport {
    let nodes: [NodeEvidence]
    let cluster: Cluster
    private(set) var sysctl: [SysctlSetting] = []
    private(set) var packages: [String] = []
    private(set) var firewall: FirewallSettings?
    private(set) var notes: [Remark] = []

    init(_ nodes: [NodeEvidence], cluster: Cluster) {
        self.nodes = nodes
        self.cluster = cluster
    }

    mutating func run() {
        packages = ["keepalived", "haproxy"].filter { package in
            nodes.allSatisfy { $0.facts.known(PackagesFact.self)?.contains(package) == true }
        }
        let isMinimal = cluster.isAdopted
        // haops' own file is the only one that it would not have to add.
        let written = nodes.map(Self.settings).map { settings in
            isMinimal ? settings.filter { $0.place.file == NodePaths.sysctl } : settings
        }
        var keys: [String] = []
        for key in written.flatMap({ $0.map(\.key) }) where !keys.contains(key) { keys.append(key) }
        // A setting in force without a file would be lost at the next boot, and the VIP needs it.
        for key in ["net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"]
        where !isMinimal && !keys.contains(key) {
            let values = nodes.map { $0.facts.known(SysctlFact.self)?[key] }
            guard values.allSatisfy({ $0 == "1" }) else { continue }
            sysctl.append(SysctlSetting(key: key, value: "1"))
            notes.append(Remark("`\(key) = 1` is in force, but no file keeps it: `apply` would write one"))
        }
        for key in keys {
            let settings = written.map { $0.last { $0.key == key } }
            let values = Set(settings.map { $0?.value })
            if values.count == 1, let value = values.first.flatMap(\.self) {
                importSetting(key, value, at: settings.compactMap { $0?.place })
            } else {
                notes.append(
                    Remark(
                        "`\(key)` is not the same on all nodes: it stays where it is and is not in the inventory",
                        at: settings.compactMap { $0?.place }))
            }
        }
        sysctl.sort { $0.key < $1.key }
        if !isMinimal { importFirewall() }
    }

    /// Imports a setting only if it is in force: the files may be outdated, and `apply` sets the inventory's
    /// values at once.
    private mutating func importSetting(_ key: String, _ value: String, at places: [NodePlace]) {
        var strangers: [(running: String?, places: [NodePlace])] = []
        for (node, place) in zip(nodes, places) {
            let running = node.facts.known(SysctlFact.self)?[key]
            guard running != value else { continue }
            if let index = strangers.firstIndex(where: { $0.running == running }) {
                strangers[index].places.append(place)
            } else {
                strangers.append((running, [place]))
            }
        }
        for (running, places) in strangers {
            let what = running.map { "\($0) is in force" } ?? "its value in force cannot be read"
            notes.append(
                Remark(
                    "`\(key)` is written as \(value), but \(what): it stays where it is and is not in the inventory",
                    at: places))
        }
        if strangers.isEmpty { sysctl.append(SysctlSetting(key: key, value: value)) }
    }

    /// Imports the firewall allowances that are in force on every node. haops then preserves them, and adds no
    /// rule.
    private mutating func importFirewall() {
        guard nodes.allSatisfy({ $0.facts.known(FirewallFact.self) != nil }) else { return }
        var allowed: [FirewallSettings.Allowance] = []
        for allowance in [FirewallSettings.Allowance.vrrp, .icmp] {
            let dropping = nodes.filter { !accepts(allowance, $0) }
            if dropping.isEmpty {
                allowed.append(allowance)
            } else {
                notes.append(
                    Remark(
                        "the packet filter does not accept \(allowance.rawValue) for certain on \(dropping.map(\.id.name).joined(separator: ", ")): it is left as it is",
                        hint: "write `firewall: { allow: [vrrp, icmp] }` into the inventory to have it opened"
                    ))
            }
        }
        if !allowed.isEmpty { firewall = FirewallSettings(allow: allowed) }
    }

    private func accepts(_ allowance: FirewallSettings.Allowance, _ node: NodeEvidence) -> Bool {
        guard let filter = node.facts.known(FirewallFact.self), let settings = cluster.keepalived,
            let own = cluster.nodes.first(where: { $0.id == node.id })
        else { return false }
        return settings.instances.allSatisfy { instance in
            let route = cluster.advertRoute(of: instance, on: own)
            return PacketFilter.Hook.allCases.allSatisfy { hook in
                allowance == .icmp
                    ? filter.verdict(on: .icmp(isIPv6: route.isIPv6), at: hook) == .accepted
                    : filter.passage(of: route, at: hook) == .passes
            }
        }
    }

    private struct Setting {
        var key: String
        var value: String
        var place: NodePlace
    }

    /// Network settings from /etc/sysctl.d and from /etc/sysctl.conf, which is read last.
    private static func settings(of node: NodeEvidence) -> [Setting] {
        let paths =
            node.files.files.keys.filter { $0.hasPrefix("/etc/sysctl.d/") && $0.hasSuffix(".conf") }
            .filter { $0 != "/etc/sysctl.d/99-sysctl.conf" }.sorted() + ["/etc/sysctl.conf"]
        var settings: [Setting] = []
        for path in paths {
            let lines = (node.files.text(path) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() {
                let parts = line.split(separator: "=", maxSplits: 1).map(Self.trimmed)
                guard parts.count == 2, let first = parts[0].first, first != "#", first != ";" else {
                    continue
                }
                // `-key` means that failures are ignored; `net/ipv4/x` is an alternative spelling.
                var key = String(parts[0].drop { $0 == "-" })
                if key.contains("/"), !key.contains(".") { key = String(key.map { $0 == "/" ? "." : $0 }) }
                guard key.hasPrefix("net."), !key.contains("*") else { continue }
                settings.append(
                    Setting(
                        key: key, value: parts[1].split { $0 == " " || $0 == "\t" }.joined(separator: " "),
                        place: NodePlace(node: node.id, file: path, line: index + 1)))
            }
        }
        return settings
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" || last == "\r" || last == "\r\n" {
            text.removeLast()
        }
        return String(text)
    }
}
