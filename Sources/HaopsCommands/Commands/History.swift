import ArgumentParser
import Events
import Facts
import Inventory
import Remote
import Rollout
import Survey

struct History: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract: "The runs that changed the fleet: who, when, from where, what, and how it ended.",
        discussion: """
            Reads the journals that haops keeps on the nodes (/var/lib/haops/journal), and merges them by run. With a RUN, \
            shows that one step by step; the beginning of its name is enough. Times are UTC; those of steps are by the \
            nodes' own clocks. Changes nothing.

            Exit: 0 done, 4 a node did not answer or its journal cannot be read, 64 no such run.
            """)

    @Argument(help: "One run, step by step: a name from the list, or its beginning.")
    var run: String?

    @Option(help: ArgumentHelp("So many runs at most, the newest; 0 shows all.", valueName: "number"))
    var last: Int = 20

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if last < 0 { throw ValidationError("--last wants 1 or more, or 0 for all") }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let selected = try fleetOptions.selected(console)
        let survey = HistorySurvey(selected: selected, connection: connection)
        let journals = try await connection.withTransport(asksOnce: true) { transport in
            try await survey.take(over: transport, console: console)
        }
        let history = RunHistory(journals.sources)
        if let run {
            let found = try find(run, in: history, journals)
            RunStepsReport(run: found, journals: journals).report(style: console.out)
                .print(output.output, on: console)
        } else {
            HistoryReport(runs: history.runs, last: last, journals: journals).report(style: console.out)
                .print(output.output, on: console)
        }
        return journals.isComplete ? .done : .unreachable
    }

    /// - Throws: ``Failure``: of exit code 64, or of 4 when the run may be in a journal that was not read.
    private func find(
        _ word: String, in history: RunHistory, _ journals: HistorySurvey.Journals
    ) throws -> PastRun {
        do {
            return try history.run(named: word)
        } catch .ambiguous(let names) {
            throw Failure(
                .usage, "`\(word)` is the beginning of \(names.count) runs",
                hint: "it may be " + names.prefix(5).joined(separator: " or ")
                    + (names.count > 5 ? " or another one" : ""))
        } catch .unknown(let nearest) {
            let unread = journals.unread.map(\.node)
            throw Failure(
                unread.isEmpty ? .usage : .unreachable,
                "no run is called `\(word)`"
                    + (unread.isEmpty
                        ? "" : "; the journals of \(NodeRange.folded(unread)) could not be read"),
                hint: nearest.first.map { "did you mean `\($0)`?" } ?? "haops history lists them")
        }
    }
}

/// Asks nodes for what haops has written into their journals.
struct HistorySurvey: Sendable {
    var selected: FleetOptions.Selected
    var connection: ConnectionFlags

    struct Journals: Sendable {
        var sources: [RunHistory.Source] = []
        /// Nodes whose journal is not known, and why.
        var unread: [(node: HostID, why: String)] = []
        var isComplete: Bool { unread.isEmpty }
    }

    func take(over transport: any Transport, console: Console) async throws -> Journals {
        let targets = selected.nodes.map { connection.applied(to: $0.target) }
        let answers = try await SurveyContext(transport, connection, console).question(targets, "asking") {
            await transport.facts(of: $0, Probe([RunJournalFact(), PendingFact()]))
        }
        var journals = Journals()
        for node in selected.nodes {
            guard let answer = answers[node.id] else { continue }
            let cluster = selected.fleet.clusters.first { $0.nodes.contains { $0.id == node.id } }
            switch answer {
            case .failure(let error): journals.unread.append((node.id, error.description))
            case .success(let facts):
                do {
                    journals.sources.append(
                        RunHistory.Source(
                            node: node.id, cluster: cluster?.name ?? "-",
                            journal: try facts.value(of: RunJournalFact.self),
                            lockedBy: (facts.known(PendingFact.self)?.lock?.run).map { RunID($0) }))
                } catch {
                    console.error("`\(node.id)`: \(error)")
                    journals.unread.append((node.id, "\(error)"))
                }
            }
        }
        return journals
    }
}
