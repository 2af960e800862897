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
            for (node, set) in zip(nodes, rendered) {
                var added = Additions(node, in: cluster)
                compare(node, set, &added)
                // haops leaves the files and services of an adopted node as they are.
                if !cluster.isAdopted {
                    added.compareFiles(set)
                    added.compareServices()
                }
                additions += added.remarks
            }
        } catch {
            refusals += error.problems.map { Remark("the inventory could not be rendered: \($0)") }
        }
    }

    private mutating func compare(
        _ node: NodeEvidence, _ rendered: RenderedNode, _ added: inout Additions
    ) {
        if let before = node.keepalived,
            let file = rendered.files.first(where: { $0.role == .keepalivedConfig })
        {
            let after = ConfigurationReader(
                path: file.path, bytes: file.contents, configID: node.configID, version: node.version
            ).read(path: file.path)
            compare(before, after, node, &added)
        }
        if let before = node.haproxy, let file = rendered.files.first(where: { $0.role == .haproxyConfig }) {
            compare(before, HAProxyFile(path: file.path, bytes: file.contents), node)
        }
        compareFiles(rendered, node)
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
    }

    // MARK: - keepalived

    private mutating func compare(
        _ before: Configuration, _ after: Configuration, _ node: NodeEvidence, _ additions: inout Additions
    ) {
        let plain = before.withoutUnknown
        let (stripped, added) = after.withoutUnknown.strippedOfHaops(comparedWith: plain)
        for change in difference(from: plain, to: stripped) {
            refusals.append(
                Remark(
                    "\(change): cannot be expressed",
                    at: [node.place(change.oldLocation ?? before.instance(named: change.subject)?.location)]))
        }
        let changes = effect(of: plain, to: after.withoutUnknown, version: node.version)
        additions.add(added)
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
