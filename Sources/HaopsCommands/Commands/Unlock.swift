import ArgumentParser
import Facts
import Inventory
import Remote
import Rollout

struct Unlock: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Break the lock of a run that is no longer alive.",
        discussion: """
            Shows who holds the locks of which nodes, since when and for what, asks, and breaks them. A run that has lost a \
            lock changes nothing more. What it has changed and not confirmed still goes back by itself when its time is up; \
            `haops apply` finishes it before. A lock ends by itself half a minute after its holder was heard last, and after \
            the rollbacks of its run have happened: break one only if you cannot wait.

            \(HaopsExit.ofChanges)
            """)

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        return try await withTransport { transport in
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
            console.show(consent, output) { Self.before(all, silent.map(\.host.name), $0) }
            let end: HaopsExit = silent.isEmpty ? .done : .unreachable
            guard !locks.isEmpty, !consent.dryRun else {
                if !consent.dryRun { Self.after([], [:]).print(output.output, on: console) }
                return end
            }
            let holders = Set(locks.values.map { "\($0)" }).sorted().joined(separator: "; ")
            try await consent.ask(
                "Break the lock\(locks.count == 1 ? "" : "s") on \(NodeRange.folded(locks.keys.map(\.name).sorted())), held by \(holders)?"
            )
            let (failures, isInterrupted) = try await breakLocks(
                found.map { ($0.cluster, $0.pending.compactMapValues(\.lock)) }, rollout)
            Self.after(locks.keys.sorted(), failures).print(output.output, on: console)
            return failures.isEmpty ? end : isInterrupted ? .interrupted : .failed
        }
    }

    /// Breaks the locks of one cluster after the other; Ctrl-C and the end of `--timeout` are looked at between them.
    ///
    /// - Returns: why locks are not broken, by node, and whether some were left for an interrupt.
    private func breakLocks(
        _ locks: [(cluster: Cluster, holders: [HostID: LockHolder])], _ rollout: Rollout
    ) async throws -> (failures: [HostID: String], isInterrupted: Bool) {
        try await Interrupts.gracefully { interrupt in
            // A wish to stop that came before this was taken for one to end the question.
            try Task.checkCancellation()
            var failures: [HostID: String] = [:]
            var isInterrupted = false
            for (cluster, holders) in locks where !holders.isEmpty {
                if interrupt.isRequested {
                    isInterrupted = true
                    failures.merge(holders.mapValues { _ in "the run was interrupted before" }) { $1 }
                } else {
                    failures.merge(await rollout.unlock(cluster, holders)) { $1 }
                }
            }
            return (failures, isInterrupted)
        }
    }

    private static func before(_ work: [HostID: PendingWork], _ silent: [String], _ style: Style) -> Report {
        let lines = PendingLines(work)
        var text = lines.text(style)
        if text.isEmpty {
            let nothing = "no node is locked, and no rollback is scheduled"
            text =
                silent.isEmpty
                ? nothing
                : work.isEmpty ? "unknown: no node answered" : "\(nothing), as far as nodes answered"
            text += "\n"
        }
        return Report(
            command: "unlock", PendingDocument(pending: lines.entries, unreachable: silent), text: text)
    }

    private static func after(_ nodes: [HostID], _ failures: [HostID: String]) -> Report {
        let document = UnlockDocument(
            nodes: nodes.map {
                .init(node: $0.name, unlocked: failures[$0] == nil, why: failures[$0])
            })
        return Report(
            command: "unlock", document,
            text: document.nodes.map { "\($0.node): \($0.words)".safeOnOneLine + "\n" }.joined())
    }
}

/// What is pending before anything is unlocked.
struct PendingDocument: OutputDocument, Codable {
    var pending: [PendingLines.Entry]
    /// Nodes that did not answer.
    var unreachable: [String]

    var table: Table {
        Table(
            columns: ["node", "locked by"],
            rows: pending.compactMap { entry in
                entry.lockedBy.map { [Table.Cell(entry.node), Table.Cell($0)] }
            })
    }
}

/// What has become of the locks.
struct UnlockDocument: OutputDocument, Codable {
    struct Node: Codable, Sendable {
        var node: String
        var unlocked: Bool
        var why: String?

        var words: String { why.map { "still locked: \($0)" } ?? "unlocked" }
    }

    var nodes: [Node]

    var table: Table {
        Table(
            columns: ["node", "lock"], rows: nodes.map { [Table.Cell($0.node), Table.Cell($0.words)] })
    }
}
