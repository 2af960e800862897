import ArgumentParser
import Inventory
import Remote
import Rollout

struct Rollback: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Restore the previous files on the whole cluster, under the gates of `apply`.",
        discussion: """
            Every run that changes a node saves what it replaces. --list shows the saved sets, newest first.

            \(HaopsExit.ofChanges)
            """)

    @Flag(help: "Show the saved sets and change nothing.")
    var list = false

    @Option(
        help: ArgumentHelp(
            "Go back to before this run; else the latest one that no rollback has undone.", valueName: "run"))
    var before: String?

    @Flag(help: "Go on although the cluster has problems already.")
    var acceptProblems = false

    @OptionGroup var confirmation: ConfirmationFlag

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Clusters") var waveFlags: WaveFlags
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        let waves = try waveFlags.waves(through: fleet.clusters)
        return try await withTransport { transport in
            let work = ClusterWork(
                fleet: fleet, connection: connection, transport: transport, console: console)
            if list { return try await listSets(work, console) }
            let (plans, hidesDiffs) = try await work.plansToGoBack { _ in before }
            return try await work.conduct(
                plans.map(confirmation.applied), command: "rollback", consent: consent, waves: waves,
                output: output, acceptsProblems: acceptProblems, hidesDiffs: hidesDiffs)
        }
    }

    private func listSets(_ work: ClusterWork, _ console: Console) async throws -> HaopsExit {
        var document = SavedSetsDocument()
        let rollout = work.rollout
        let saved = try await work.ofEachCluster { cluster throws(InterruptedQuestion) in
            try await rollout.savedRuns(of: cluster)
        }
        for (cluster, (runs, _)) in zip(work.fleet.clusters, saved) {
            document.sets += runs.map {
                .init(cluster: cluster.name, run: $0.run, why: $0.why, nodes: $0.nodes.map(\.name))
            }
        }
        let silent = saved.flatMap { $0.unreachable.values.sorted { $0.host < $1.host } }
        document.unreachable = silent.map(\.host.name)
        console.report(silent)
        Report(command: "rollback", document, style: console.out).print(output.output, on: console)
        return silent.isEmpty ? .done : .unreachable
    }
}

/// The sets of files that the nodes can go back to.
struct SavedSetsDocument: OutputDocument, Codable {
    struct SavedSet: Codable, Sendable {
        var cluster: String
        /// The run that replaced it.
        var run: String
        var why: String
        var nodes: [String]
    }

    var sets: [SavedSet] = []
    /// Nodes that did not answer.
    var unreachable: [String] = []

    var table: Table {
        Table(
            columns: ["cluster", "run", "nodes", "replaced by"],
            rows: sets.map {
                [$0.cluster, $0.run, NodeRange.folded($0.nodes), $0.why].map { Table.Cell($0) }
            })
    }
}
