import ArgumentParser
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
        let survey = HistorySurvey(
            fleet: selected.fleet.reached(by: connection), nodes: Set(selected.nodes.map(\.id)))
        let journals = try await withTransport(asksOnce: true) { transport in
            try await survey.take(in: SurveyContext(transport, connection, console))
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

    /// - Throws: ``Failure`` of exit code 64, or of 4 when the run may be in a journal that was not read.
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
            let unread = journals.unread.map(\.host)
            throw Failure(
                unread.isEmpty ? .usage : .unreachable,
                "no run is called `\(word)`"
                    + (unread.isEmpty
                        ? "" : "; the journals of \(NodeRange.folded(unread)) could not be read"),
                hint: nearest.first.map { "did you mean `\($0)`?" } ?? "haops history lists them")
        }
    }
}
