import Addresses
import Checks
import Inventory
import Remote
import Survey

/// Rows and findings of `ready`: the tables first, then what is to be done.
struct ReadyReport: Sendable {
    var fleet: Fleet
    var outcome: ReadinessSurvey.Outcome
    var accepted: [FailureCase]
    /// Rows that end well too.
    var showsAll: Bool

    func report(style: Style) -> Report {
        let document = ReadyDocument(
            instances: outcome.clusters.flatMap { cluster in
                cluster.instances.map { instance in
                    ReadyDocument.Instance(
                        cluster: cluster.cluster, instance: instance.name,
                        vips: instance.addresses.map(\.description), owner: instance.owner,
                        notes: instance.notes,
                        rows: instance.rows.map {
                            .init($0, isAccepted: accepted.contains($0.failure))
                        })
                }
            },
            findings: outcome.clusters.flatMap { cluster in
                cluster.findings.map { finding in
                    .init(finding, in: [String: String](finding.nodes.map { ($0, cluster.cluster) }) { $1 })
                }
            },
            unreachable: outcome.silent.map(\.name))
        return Report(command: "ready", document, text: text(document, style))
    }

    private func text(_ document: ReadyDocument, _ style: Style) -> String {
        var text = ""
        for group in AlikeClusters(
            outcome.clusters, { (cluster(named: $0.cluster), tables(of: $0, Style(isColored: false))) }
        ).groups {
            let shown = tables(of: group.members[0], style)
            guard !shown.isEmpty else { continue }
            if fleet.clusters.count > 1 {
                let names = NodeRange.listed(group.members.map(\.cluster))
                let more = group.members.count - 1
                text +=
                    style(.strong, names) + (more > 0 ? "  (shown for \(group.members[0].cluster))" : "")
                    + "\n"
            }
            text += shown + "\n"
        }
        let all = outcome.clusters.map { cluster in cluster.findings.map { (cluster.cluster, $0) } }.joined()
        // What clusters that are set up alike have in common is said once.
        let alike = AlikeClusters(Array(all)) {
            (cluster(named: $0.0), "\($0.1.id) \($0.1.message) \($0.1.fix)")
        }
        let findings = alike.groups.map { group in
            var finding = group.members[0].1
            if group.members.count > 1 {
                let others = group.members.dropFirst().map(\.0).uniqued()
                finding.message += "; the same in \(NodeRange.listed(others))"
            }
            return finding
        }
        return text
            + FindingsReport(command: "ready", findings: findings, allClear: allClear).report(style: style)
            .text
    }

    private func cluster(named name: String) -> Cluster {
        fleet.clusters.first { $0.name == name } ?? Cluster(name: name, nodes: [])
    }

    private func tables(of cluster: ClusterReadiness, _ style: Style) -> String {
        cluster.instances.map { instance in
            let rows = instance.rows.filter { showsAll || $0.verdict.isBad && !accepted.contains($0.failure) }
            let owner = instance.owner.map { ": \($0) owns it now" } ?? ": not foretold"
            let addresses = instance.addresses.map(\.description)
            let shown = addresses.count > 3 ? "\(addresses.count) addresses" : addresses.enumeration
            guard !rows.isEmpty || showsAll || instance.owner == nil else { return "" }
            var text = style(.strong, "\(instance.name) (\(shown))\(owner)") + "\n"
            if !rows.isEmpty {
                text += Table(
                    columns: RowWords.columns,
                    rows: rows.map { RowWords($0, isAccepted: accepted.contains($0.failure)).cells }
                ).text(style, indent: 2)
            }
            for note in instance.notes {
                text += Wrapped("note: \(note)".safeOnOneLine, indent: 4, width: style.width).text(
                    after: "  ")
            }
            return text
        }.joined(separator: "")
    }

    /// "ready: 2 nodes, 1 instance, 14 failures end well".
    private var allClear: String {
        let instances = outcome.clusters.flatMap(\.instances)
        let rows = instances.flatMap(\.rows)
        let known = rows.count { $0.verdict.isBad && accepted.contains($0.failure) }
        let fine = rows.count - known
        guard !rows.isEmpty else { return "nothing is foretold: no instance with an owner is known" }
        return
            "ready: \(instances.count.of("instance")), \(fine.of("failure")) worked out, each ends with one owner"
            + (known > 0 ? "; \(known) accepted" : "")
    }
}
