import ArgumentParser
import Facts
import Inventory
import Remote
import Rollout

struct Unlock: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Break the lock of a run whose operator is gone.",
        discussion: """
            Shows who holds the locks of which nodes, since when and for what, asks, and breaks them. A run that has lost a \
            lock changes nothing more. What it has changed and not confirmed still goes back by itself when its time is up; \
            `haops apply` finishes it before. A lock ends by itself half a minute after its holder was heard last, and after \
            the rollbacks of its run have happened: breaking one is for those who cannot wait.

            \(HaopsExit.ofChanges)
            """)

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        return try await connection.withTransport { transport in
            let work = ClusterWork(
                fleet: fleet, connection: connection, transport: transport, console: console)
            let rollout = work.rollout
            let answers = try await work.ofEachCluster { cluster throws(InterruptedQuestion) in
                await rollout.pending(on: cluster)
            }
            let found = zip(work.fleet.clusters, answers).map { (cluster: $0, pending: $1.work) }
            let silent = answers.flatMap { $0.unreachable.values.sorted { $0.host < $1.host } }
            console.report(silent)
            let all = found.map(\.pending).reduce(into: [:]) { $0.merge($1) { $1 } }
            let locks = all.compactMapValues(\.lock)
            console.show(consent, output) { Self.before(all, $0) }
            let end: HaopsExit = silent.isEmpty ? .done : .unreachable
            guard !locks.isEmpty, !consent.dryRun else { return end }
            let holders = Set(locks.values.map { "\($0)" }).sorted().joined(separator: "; ")
            try await consent.ask(
                "Break the lock\(locks.count == 1 ? "" : "s") on \(NodeRange.folded(locks.keys.map(\.name).sorted())), held by \(holders)?"
            )
            var failures: [HostID: String] = [:]
            for (cluster, pending) in found {
                failures.merge(await rollout.unlock(cluster, pending.compactMapValues(\.lock))) { $1 }
            }
            Self.after(locks.keys.sorted(), failures).print(output.output, on: console)
            return failures.isEmpty ? end : .failed
        }
    }

    private static func before(_ work: [HostID: PendingWork], _ style: Style) -> Report {
        let lines = PendingLines(work)
        let text = lines.text(style)
        return Report(
            command: "unlock", members: [("pending", lines.document)],
            text: text.isEmpty ? "no node is locked, and no rollback is scheduled\n" : text,
            tsv: Table(
                columns: ["node", "locked by"],
                rows: lines.nodes.compactMap { host, work in
                    work.lock.map { [Table.Cell(host.name), Table.Cell($0.description)] }
                }))
    }

    private static func after(_ nodes: [HostID], _ failures: [HostID: String]) -> Report {
        func words(_ node: HostID) -> String { failures[node].map { "still locked: \($0)" } ?? "unlocked" }
        return Report(
            command: "unlock",
            members: [
                (
                    "nodes",
                    .array(
                        nodes.map {
                            [
                                "node": .text($0.name), "unlocked": .bool(failures[$0] == nil),
                                "why": OutputValue(failures[$0]),
                            ]
                        })
                )
            ],
            text: nodes.map { "\($0): \(words($0))".safeOnOneLine + "\n" }.joined(),
            tsv: Table(
                columns: ["node", "lock"], rows: nodes.map { [Table.Cell($0.name), Table.Cell(words($0))] }))
    }
}
