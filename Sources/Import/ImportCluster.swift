import Addresses
import Concealment
import Facts
import Inventory
import Keepalived
import Remote

/// Makes an inventory from nodes that were not configured by haops.
///
/// Before the inventory is returned it is read, rendered and compared with the nodes' files. Only an inventory
/// that means the same on every node has no refusals. Does no I/O.
///
/// - Parameters:
///   - nodes: The nodes in the order of the inventory, each with the facts of `.import`.
///   - name: The cluster's name in the inventory.
///   - isMinimal: The inventory adds nothing of haops' own to the nodes.
/// - Returns: The inventory, the lines that were kept raw, and the refusals.
package func importCluster(
    _ nodes: [SurveyedNode], named name: String = "main", isMinimal: Bool = false
) -> ImportedCluster {
    let names = names(of: nodes)
    let evidence = zip(nodes, names).map { NodeEvidence($0, named: $1) }
    var result = ImportedCluster(inventory: "")
    for (node, name) in zip(nodes, names) {
        for failure in node.facts.failures
        where [ConfigurationFilesFact.name, SystemFact.name].contains(failure.fact) {
            result.refusals.append(Remark("\(failure)", at: [NodePlace(node: name, file: "/")]))
        }
    }
    for node in evidence where node.keepalived == nil {
        result.refusals.append(
            Remark(
                "there is no such file, so there is nothing to import",
                at: [NodePlace(node: node.id, file: NodeEvidence.configuration)]))
    }
    let concealment = RemarkConcealment(evidence)
    guard var keepalived = KeepalivedImport(evidence, secrets: SecretBook(), isMinimal: isMinimal) else {
        return concealment.shown(result)
    }
    keepalived.run()
    var haproxy = HAProxyImport(evidence, secrets: keepalived.secrets)
    haproxy.run()
    let secrets = haproxy.secrets
    var files = FilesImport(evidence, isMinimal: isMinimal)
    files.run()
    keepalived.take(files)

    var cluster = Cluster(name: name, nodes: [])
    cluster.isAdopted = isMinimal
    cluster.nodes = evidence.map { node in
        var target = node.target
        target.id = node.id
        return Node(
            id: node.id, target: target,
            vrrpAddress: keepalived.advertAddresses[node.id] ?? IPAddress(target.host),
            interface: keepalived.interfaces[node.id])
    }
    cluster.keepalived = keepalived.settings
    cluster.files = files.shared
    for index in cluster.nodes.indices {
        cluster.nodes[index].files = files.own[cluster.nodes[index].id] ?? []
    }
    cluster.haproxy = haproxy.settings
    var machine = MachineImport(evidence, cluster: cluster)
    machine.run()
    cluster.sysctl = machine.sysctl
    cluster.packages = machine.packages
    cluster.firewall = machine.firewall

    result.kept = keepalived.kept + haproxy.kept
    result.secrets = secrets.secrets
    result.inventory =
        InventoryText(
            cluster, secrets: secrets.secrets, kept: result.kept,
            source: evidence.map(\.id.name).joined(separator: ", ")
        ).text
    var trip = RoundTrip(evidence, cluster: name, text: result.inventory, secrets: secrets)
    trip.run()
    result.refusals += keepalived.refusals + haproxy.refusals
    // The round trip fails for the same reasons again. The earlier remarks have places, so its duplicates are
    // dropped.
    result.refusals += trip.refusals.filter { found in
        !result.refusals.contains { known in
            !known.places.isEmpty && !Set(known.places).isDisjoint(with: found.places)
        }
    }
    result.refusals = result.refusals.unique
    result.dropped = keepalived.dropped.unique
    result.additions = trip.additions.folded
    result.notes = (keepalived.notes + files.notes + haproxy.notes + machine.notes + trip.notes).unique
    return concealment.shown(result)
}

/// Conceals secrets in all texts of an import before they are shown. No text contains a secret of any node's
/// files.
private struct RemarkConcealment {
    private var values = SecretValues()

    init(_ nodes: [NodeEvidence]) {
        for node in nodes {
            let sources = node.files.files.filter { $0.value.kind == .regular }.mapValues(\.contents)
            var files = ConcealedFiles(sources, except: KeepalivedVersion.vocabulary)
            for (value, location) in node.keepalived?.secrets ?? [] {
                files.add(value, in: location.file, line: location.line)
            }
            values.insert(files.values)
        }
    }

    func shown(_ cluster: ImportedCluster) -> ImportedCluster {
        var copy = cluster
        copy.kept = cluster.kept.map { line in
            var line = line
            line.text = shown(line.text)
            return line
        }
        copy.dropped = cluster.dropped.map(shown)
        copy.refusals = cluster.refusals.map(shown)
        copy.additions = cluster.additions.map(shown)
        copy.notes = cluster.notes.map(shown)
        return copy
    }

    private func shown(_ remark: Remark) -> Remark {
        var copy = remark
        copy.text = shown(remark.text)
        copy.hint = remark.hint.map(shown)
        return copy
    }

    /// Text between backticks is quoted from a file, so a secret may follow a keyword in it.
    private func shown(_ text: String) -> String {
        text.mappingQuotations(
            { values.hiding(in: $0.hidingLineSecrets) }, rest: { values.hiding(in: $0) })
    }
}

/// Short host names if they are plain and all different; otherwise the operator's names for the nodes.
private func names(of nodes: [SurveyedNode]) -> [HostID] {
    let hosts = nodes.map { $0.facts.known(SystemFact.self)?.shortHostname ?? "" }
    if Set(hosts).count == nodes.count, hosts.allSatisfy(isPlainWord) { return hosts.map { HostID($0) } }
    return nodes.enumerated().map { index, node in
        isPlainWord(node.target.id.name) ? node.target.id : HostID("node\(index + 1)")
    }
}

extension [Remark] {
    fileprivate var unique: [Remark] {
        var seen: Set<Remark> = []
        return filter { seen.insert($0).inserted }
    }

    /// The remarks, with equal ones about several nodes merged into one with several places.
    fileprivate var folded: [Remark] {
        var result: [Remark] = []
        for remark in self {
            if let index = result.firstIndex(where: { $0.text == remark.text }) {
                result[index].places += remark.places
            } else {
                result.append(remark)
            }
        }
        return result
    }
}
