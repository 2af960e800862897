import Concealment
import Facts
import HAProxy
import Inventory
import Keepalived
import Remote
import Rendering

/// Renders an imported inventory and compares the result with the nodes' files. This decides whether an import is
/// faithful.
struct RoundTrip {
    let nodes: [NodeEvidence]
    let cluster: String
    let text: String
    let secrets: SecretBook
    private(set) var refusals: [Remark] = []
    private(set) var additions: [Remark] = []
    private(set) var notes: [Remark] = []

    init(_ nodes: [NodeEvidence], cluster: String, text: String, secrets: SecretBook) {
        self.nodes = nodes
        self.cluster = cluster
        self.text = text
        self.secrets = secrets
    }

    mutating func run() {
        let fleet: Fleet
        do {
            fleet = try readFleet(yaml: Array(text.utf8), file: "inventory", directory: "")
        } catch {
            refusals += error.diagnostics.filter { $0.severity == .error }.map {
                Remark("the inventory would not be valid: \($0.message)", hint: $0.remedy)
            }
            return
        }
        notes += fleet.warnings.map { Remark($0.message, hint: $0.remedy) }
        guard let cluster = fleet.clusters.first else { return }
        let families = Dictionary(
            nodes.filter(\.isRedHat).map { ($0.id, NodeFamily.redhat) },
            uniquingKeysWith: { first, _ in first })
        let values = Dictionary(secrets.secrets.map { ($0.name, $0.value) }) { first, _ in first }
        do {
            let rendered = try render(cluster, families: families) { value in
                if case .reference(let name, _) = value { values[name] } else { nil }
            }
            for (node, set) in zip(nodes, rendered) { compare(node, set) }
        } catch {
            refusals += error.problems.map { Remark("the inventory could not be rendered: \($0)") }
        }
    }

    private mutating func compare(_ node: NodeEvidence, _ rendered: RenderedNode) {
        if let before = node.keepalived,
            let file = rendered.files.first(where: { $0.role == .keepalivedConfig })
        {
            let after = ConfigurationReader(
                path: file.path, bytes: file.contents, configID: node.configID, version: node.version
            ).read(path: file.path)
            compare(before, after, node)
        }
        if let before = node.haproxy, let file = rendered.files.first(where: { $0.role == .haproxyConfig }) {
            compare(before, HAProxyFile(path: file.path, bytes: file.contents), node)
        }
        compareFiles(rendered, node)
        compareService(rendered, node)
    }

    /// Compares the imported files with the node's, byte for byte.
    private mutating func compareFiles(_ rendered: RenderedNode, _ node: NodeEvidence) {
        let states = node.facts.known(OwnScriptsFact.self) ?? [:]
        for file in rendered.files {
            guard case .shipped = file.role else { continue }
            let state = states[file.path]
            if state?.contents != file.contents || state?.mode != file.mode || state?.owner != file.owner {
                refusals.append(
                    Remark(
                        "this file would not come back as it is",
                        at: [NodePlace(node: node.id, file: file.path)]))
            }
        }
        if rendered.files.contains(where: { $0.role == .manifest }),
            states[NodePaths.manifest]?.kind != .regular
        {
            additions.append(
                Remark(
                    "`\(NodePaths.manifest)`: the list of the files that haops ships, by which it knows them when they leave the inventory",
                    at: [NodePlace(node: node.id, file: NodePaths.manifest)]))
        }
    }

    /// Reports the drop-in for keepalived's service, which is added when keepalived starts scripts while it
    /// stops, because systemd would end them.
    private mutating func compareService(_ rendered: RenderedNode, _ node: NodeEvidence) {
        guard rendered.files.contains(where: { $0.role == .keepalivedService }),
            let killMode = node.facts.known(ServicesFact.self)?["keepalived"]?.killMode, killMode != "mixed"
        else { return }
        additions.append(
            Remark(
                "`\(NodePaths.keepalivedService)`: systemd no more ends scripts that keepalived starts as it stops",
                at: [NodePlace(node: node.id, file: NodePaths.keepalivedService)]))
    }

    // MARK: - keepalived

    private mutating func compare(_ before: Configuration, _ after: Configuration, _ node: NodeEvidence) {
        let plain = before.withoutUnknown
        let (stripped, added) = after.withoutUnknown.strippedOfHaops(comparedWith: plain)
        for change in difference(from: plain, to: stripped) {
            refusals.append(
                Remark(
                    "\(change): cannot be expressed",
                    at: [node.place(change.oldLocation ?? before.instance(named: change.subject)?.location)]))
        }
        let changes = effect(of: plain, to: after.withoutUnknown, version: node.version)
        for text in added {
            additions.append(
                Remark(text, at: [NodePlace(node: node.id, file: NodeEvidence.configuration)]))
        }
        if changes.level > .reload {
            for reason in changes.reasons where reason.level > .reload {
                refusals.append(
                    Remark("more than a reload: \(reason.text)", at: [node.place(reason.change.oldLocation)]))
            }
        }
    }

    // MARK: - haproxy

    private mutating func compare(_ before: HAProxyFile, _ after: HAProxyFile, _ node: NodeEvidence) {
        let old = before.meaning
        let new = after.meaning
        for section in before.sections where old[section.title] != new[section.title] {
            let lines = Set(new[section.title] ?? [])
            let lost = section.lines.filter { !lines.contains($0.text) && !HAProxyFile.isModelled($0) }
            for line in lost {
                refusals.append(
                    Remark(
                        "`\(line.text.hidingLineSecrets)` in `\(section.title)` cannot be expressed",
                        at: [NodePlace(node: node.id, file: HAProxyImport.path, line: line.number)]))
            }
            if lost.isEmpty {
                refusals.append(
                    Remark(
                        "`\(section.title)` cannot be expressed",
                        at: [
                            NodePlace(node: node.id, file: HAProxyImport.path, line: section.header.number)
                        ]))
            }
        }
        for name in new.keys.sorted() where old[name] == nil {
            refusals.append(
                Remark("`\(name)` would be new", at: [NodePlace(node: node.id, file: HAProxyImport.path)]))
        }
    }
}

extension Configuration {
    /// The configuration without the lines that keepalived skips.
    fileprivate var withoutUnknown: Configuration {
        var copy = self
        copy.others = others.known
        copy.global.others = global.others.known
        for index in copy.instances.indices { copy.instances[index].others = instances[index].others.known }
        for index in copy.syncGroups.indices {
            copy.syncGroups[index].others = syncGroups[index].others.known
        }
        for index in copy.trackProcesses.indices {
            copy.trackProcesses[index].others = trackProcesses[index].others.known
        }
        return copy
    }

    /// The configuration without haops' additions, and a description of these.
    fileprivate func strippedOfHaops(comparedWith before: Configuration) -> (Configuration, [String]) {
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
            if old?.garp.refresh == 0, instance.garp.refresh == 60 {
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
                "`vrrp_garp_master_refresh 60` for \(refreshed.listed): one gratuitous ARP a minute; takes effect at reload"
            )
        }
        return (copy, added)
    }
}

extension [Statement] {
    fileprivate var known: [Statement] {
        filter { $0.kind != .unknown }.map { line in
            var line = line
            line.block = line.block?.known
            return line
        }
    }
}

extension [String] {
    fileprivate var listed: String { map { "`\($0)`" }.joined(separator: ", ") }
}
