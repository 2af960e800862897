import Facts
import Inventory
import Keepalived
import Remote
import Rendering

/// What the first `apply` of an imported inventory would add or change on a node, though the configuration means the
/// same.
struct Additions {
    let node: NodeEvidence
    let cluster: Cluster
    private(set) var remarks: [Remark] = []

    init(_ node: NodeEvidence, in cluster: Cluster) {
        self.node = node
        self.cluster = cluster
    }

    private mutating func add(_ text: String, at file: String) {
        remarks.append(Remark(text, at: [NodePlace(node: node.id, file: file)]))
    }

    mutating func add(_ lines: [String]) {
        for line in lines { add(line, at: NodeEvidence.configuration) }
    }

    /// Files that are new, that get another mode, or whose text changes without its meaning.
    mutating func compareFiles(_ rendered: RenderedNode) {
        for file in rendered.files {
            switch file.role {
            // The import has read these files from the node: they come back as they are.
            case .shipped: continue
            case .keepalivedService: compareService(file)
            default: compare(file)
            }
        }
    }

    private mutating func compare(_ file: RenderedFile) {
        let own = node.facts.known(OwnScriptsFact.self)?[file.path]
        guard let state = node.files.files[file.path] ?? own, state.kind == .regular else {
            return add("`\(file.path)` is new: \(purpose(of: file))", at: file.path)
        }
        if state.contents != file.contents, file.role == .keepalivedOptions || file.role == .sysctl {
            add("`\(file.path)` is written anew: \(purpose(of: file))", at: file.path)
        }
        let mode = keptMode(state.mode, wanted: file.mode)
        if state.mode != mode {
            add("mode \(octal(state.mode)) of `\(file.path)` becomes \(octal(mode))", at: file.path)
        }
    }

    private func purpose(of file: RenderedFile) -> String {
        switch file.role {
        case .keepalivedOptions: "keepalived's arguments, the ones that it has"
        case .notifyScript: "haops' script, which writes the state to /run"
        case .checkScript: "haops' check"
        case .sysctl: "keeps the kernel settings of the inventory over a boot"
        case .manifest:
            "the list of the files that haops ships, by which it knows them when they leave the inventory"
        case .keepalivedConfig, .haproxyConfig, .keepalivedService, .shipped: "of the inventory"
        }
    }

    /// systemd ends the scripts that keepalived starts as it stops, unless a drop-in says otherwise.
    private mutating func compareService(_ file: RenderedFile) {
        guard let killMode = node.facts.known(ServicesFact.self)?["keepalived"]?.killMode, killMode != "mixed"
        else { return }
        add(
            "`\(file.path)` is new: systemd no more ends scripts that keepalived starts as it stops",
            at: file.path)
    }

    /// Services that do not run, or do not start at boot.
    mutating func compareServices() {
        guard let services = node.facts.known(ServicesFact.self) else { return }
        let wanted =
            (cluster.keepalived == nil ? [] : ["keepalived"]) + (cluster.haproxy == nil ? [] : ["haproxy"])
        for name in wanted {
            guard let service = services[name], service.isInstalled else { continue }
            let file = name == "haproxy" ? HAProxyImport.path : NodeEvidence.configuration
            if service.isEnabled == false { add("`\(name)` will start at boot; today it does not", at: file) }
            if !service.isRunning { add("`\(name)` is started; it does not run now", at: file) }
        }
    }

    private func octal(_ mode: Int) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension Configuration {
    /// The configuration without haops' additions, and a description of these.
    func strippedOfHaops(comparedWith before: Configuration) -> (Configuration, [String]) {
        var copy = self
        var added: [String] = []
        if before.global.routerID == nil, let name = global.routerID?.value {
            copy.global.routerID = nil
            added.append("`router_id \(name)`: the name in mails and SNMP; takes effect at reload")
        }
        for instance in instances {
            let name = NodePaths.handoverName(of: instance.name)
            guard before.trackFiles.allSatisfy({ $0.name != name }) else { continue }
            copy.trackFiles.removeAll { $0.name == name }
        }
        var handovers: [String] = []
        var notified: [String] = []
        var refreshed: [String] = []
        for index in copy.instances.indices {
            let instance = copy.instances[index]
            let old = before.instance(named: instance.name)
            let name = NodePaths.handoverName(of: instance.name)
            if old?.trackFiles.allSatisfy({ $0.name != name }) != false {
                copy.instances[index].trackFiles.removeAll { $0.name == name }
                if copy.instances[index].trackFiles.count != instance.trackFiles.count {
                    handovers.append(instance.name)
                }
            }
            if old?.notify.contains(where: \.isOfHaops) == false, instance.notify.contains(where: \.isOfHaops)
            {
                copy.instances[index].notify.removeAll(where: \.isOfHaops)
                notified.append(instance.name)
            }
            if old?.garp.refresh == 0, instance.garp.refresh == KeepalivedSettings.garpMasterRefresh {
                copy.instances[index].garp.refresh = 0
                refreshed.append(instance.name)
            }
        }
        if !handovers.isEmpty {
            added.append(
                "`vrrp_track_file` in \(handovers.listed): a number that `haops switchover` raises; takes effect at reload, changes no priority by itself"
            )
        }
        if !notified.isEmpty {
            added.append(
                "`notify \(NodePaths.notifyScript)` in \(notified.listed): writes the state to /run; takes effect at reload"
            )
        }
        if !refreshed.isEmpty {
            added.append(
                "`vrrp_garp_master_refresh \(KeepalivedSettings.garpMasterRefresh)` for \(refreshed.listed): one gratuitous ARP a minute; takes effect at reload"
            )
        }
        return (copy, added)
    }
}

extension [String] {
    fileprivate var listed: String { map { "`\($0)`" }.joined(separator: ", ") }
}
