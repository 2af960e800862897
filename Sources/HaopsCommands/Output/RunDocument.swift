import Remote
import Rollout

/// How a run ended, cluster by cluster.
struct RunDocument: OutputDocument, Codable {
    struct ClusterEntry: Codable, Sendable {
        var cluster: String
        /// `done`, `nothing_to_do`, `refused`, `failed`, `unreachable`, `unknown`, `interrupted` or `not_begun`.
        var outcome: String
        var reasons: [String]
        var notes: [String]
        /// What the operator has to do.
        var left: [String]
        var nodes: [Node]
        /// How long addresses gave no answer meanwhile, where somebody could ask.
        var silences: [Silence]
        /// How long the change waits for `haops confirm` before the nodes go back; `null` where nobody has to confirm.
        var confirmWithinSeconds: Int?
    }

    struct Node: Codable, Sendable {
        var cluster: String
        var node: String
        var fate: String
    }

    struct Silence: Codable, Sendable {
        var cluster: String
        var vip: String
        var instance: String
        /// `null` when nobody was ever answered.
        var measuredMs: Int?
        /// `null` where the work itself decides.
        var predictedMs: Int?
        var observer: String
    }

    /// The names of the clusters, by their ends.
    struct Summary: Codable, Sendable {
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
                cluster: cluster, outcome: report.outcome.keyword.replacing(" ", with: "_"),
                reasons: report.outcome.reasons,
                notes: report.notes, left: report.left,
                nodes: report.fates.sorted { $0.key < $1.key }.map {
                    Node(cluster: cluster, node: $0.key.name, fate: $0.value.inDocuments)
                },
                silences: report.silences.map {
                    Silence(
                        cluster: cluster, vip: "\($0.vip)", instance: $0.instance,
                        measuredMs: $0.milliseconds,
                        predictedMs: $0.predicted, observer: $0.observer.name)
                }, confirmWithinSeconds: report.confirmWithin.map { Int($0.components.seconds) })
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
