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
        for group in groups {
            text += group.title.map { style(.strong, $0.names) + $0.example + "\n" } ?? ""
            text += group.cluster.instances.map { self.text(of: $0, style) }.joined() + "\n"
        }
        return text
            + FindingsReport(command: "ready", findings: findings, allClear: allClear).report(style: style)
            .text
    }

    /// Clusters of which something is shown; those that are set up alike are one.
    var groups: [(cluster: ClusterReadiness, title: (names: String, example: String)?)] {
        AlikeClusters(outcome.clusters) { cluster in
            let plain = cluster.instances.map { text(of: $0, Style(isColored: false)) }
            return (self.cluster(named: cluster.cluster), plain.joined())
        }.groups.compactMap { group in
            let first = group.members[0]
            guard first.instances.contains(where: isShown) else { return nil }
            guard fleet.clusters.count > 1 else { return (first, nil) }
            let names = NodeRange.listed(group.members.map(\.cluster))
            return (first, (names, group.members.count > 1 ? "  (shown for \(first.cluster))" : ""))
        }
    }

    /// What clusters that are set up alike have in common is said once.
    var findings: [Finding] {
        let all = outcome.clusters.map { cluster in cluster.findings.map { (cluster.cluster, $0) } }.joined()
        return AlikeClusters(Array(all)) {
            (cluster(named: $0.0), "\($0.1.id) \($0.1.message) \($0.1.fix)")
        }.groups.map { group in
            var finding = group.members[0].1
            if group.members.count > 1 {
                let others = group.members.dropFirst().map(\.0).uniqued()
                finding.message += "; the same in \(NodeRange.listed(others))"
            }
            return finding
        }
    }

    private func cluster(named name: String) -> Cluster {
        fleet.clusters.first { $0.name == name } ?? Cluster(name: name, nodes: [])
    }

    func isShown(_ instance: ClusterReadiness.InstanceReadiness) -> Bool {
        showsAll || instance.owner == nil || !rows(of: instance).isEmpty
    }

    /// The rows that are shown.
    func rows(of instance: ClusterReadiness.InstanceReadiness) -> [ReadinessRow] {
        instance.rows.filter { showsAll || $0.verdict.isBad && !accepted.contains($0.failure) }
    }

    /// "VI_1 (203.0.113.50): lb1 owns it now".
    func heading(of instance: ClusterReadiness.InstanceReadiness) -> String {
        let owner = instance.owner.map { ": \($0) owns it now" } ?? ": not foretold"
        let addresses = instance.addresses.map(\.description)
        let shown = addresses.count > 3 ? "\(addresses.count) addresses" : addresses.enumeration
        return "\(instance.name) (\(shown))\(owner)"
    }

    private func text(of instance: ClusterReadiness.InstanceReadiness, _ style: Style) -> String {
        guard isShown(instance) else { return "" }
        let rows = rows(of: instance)
        var text = style(.strong, heading(of: instance)) + "\n"
        if !rows.isEmpty {
            text += Table(
                columns: RowWords.columns,
                rows: rows.map { RowWords($0, isAccepted: accepted.contains($0.failure)).cells }
            ).text(style, indent: 2)
        }
        for note in instance.notes {
            text += Wrapped("note: \(note)".safeOnOneLine, indent: 4, width: style.width).text(after: "  ")
        }
        return text
    }

    /// "ready: 2 nodes, 1 instance, 14 failures end well".
    var allClear: String {
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
