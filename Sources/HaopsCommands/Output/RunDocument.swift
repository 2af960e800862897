import Remote
import Rollout

/// How a run ended, cluster by cluster.
struct RunDocument: OutputDocument {
    struct ClusterEntry: Encodable, Sendable {
        var cluster: String
        var outcome: String
        var reasons: [String]
        var notes: [String]
        /// What the operator has to do.
        var left: [String]
        var nodes: [Node]
    }

    struct Node: Encodable, Sendable {
        var node: String
        var fate: String
    }

    /// The names of the clusters, by their ends.
    struct Summary: Encodable, Sendable {
        var done: [String]
        var nothingToDo: [String]
        var notDone: [String]
        var notBegun: [String]
        /// Why clusters were not begun.
        var stoppedBy: String?
    }

    var clusters: [ClusterEntry]
    var summary: Summary

    init(_ reports: [(cluster: String, report: RolloutReport)], stop: ClusterSchedule.Stop?) {
        clusters = reports.map { cluster, report in
            ClusterEntry(
                cluster: cluster, outcome: report.outcome.word, reasons: report.outcome.reasons,
                notes: report.notes, left: report.left,
                nodes: report.fates.sorted { $0.key < $1.key }.map {
                    Node(node: $0.key.name, fate: $0.value.words)
                })
        }
        func names(_ isMeant: (RolloutReport) -> Bool) -> [String] {
            reports.filter { isMeant($0.report) }.map(\.cluster)
        }
        summary = Summary(
            done: names { $0.outcome == .done }, nothingToDo: names { $0.outcome == .nothingToDo },
            notDone: names { !$0.isDone && $0.outcome != .notBegun },
            notBegun: names { $0.outcome == .notBegun }, stoppedBy: stop.map { "\($0)" })
    }

    var table: Table {
        Table(
            columns: ["cluster", "node", "fate"],
            rows: clusters.flatMap { entry in
                entry.nodes.map { [entry.cluster, $0.node, $0.fate].map { Table.Cell($0) } }
            })
    }
}
