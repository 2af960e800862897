import ArgumentParser
import Checks
import Inventory
import Pictures
import Survey

struct Ready: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract: "What would happen at each single failure: who owns then, after how long, does it serve.",
        discussion: """
            Asks every node once: roles, priorities, what is tracked and how, packet filters, interfaces, listeners, \
            backends, files and whether they are loaded. Works out each failure from that, and changes nothing. With \
            several clusters only rows that end badly are shown; -v shows all.

            WHEN names the failure, THEN who owns the addresses, SILENCE how long they do not serve, SERVES whether the \
            owner would serve, AFTERWARDS what happens when the failure ends. docs/Ready.md explains every failure.

            Exit: 0 every failure ends well, 4 somebody did not answer, 5 one ends with nobody, with two owners, with an \
            owner that does not serve, or with no move although the service is gone.
            """)

    @Option(
        help: ArgumentHelp(
            "A failure whose bad end is known and accepted; may be given several times.", valueName: "failure"
        ))
    var accept: [FailureCase] = []

    @Option(
        help: ArgumentHelp(
            "Draw the tables into this file, with bars for the silences: NAME.html or NAME.svg.",
            valueName: "file"),
        completion: .file())
    var picture: String?

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if let picture, PictureFile(path: picture) == nil {
            throw ValidationError(PictureFile.complaint(about: picture))
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        let outcome = try await withTransport(asksOnce: true) { transport in
            var survey = ReadinessSurvey(fleet: fleet.reached(by: connection))
            survey.accepted = Set(accept)
            return try await survey.take(in: SurveyContext(transport, connection, console))
        }
        let report = ReadyReport(
            fleet: fleet, outcome: outcome, accepted: accept,
            showsAll: output.verbose || fleet.clusters.count == 1)
        report.report(style: console.out).print(output.output, on: console)
        if let file = picture.flatMap({ PictureFile(path: $0) }) { try draw(report, file, console) }
        return Self.exit(outcome)
    }

    /// - Throws: ``Failure`` when the file cannot be written.
    private func draw(_ report: ReadyReport, _ file: PictureFile, _ console: Console) throws {
        let tables = report.spanTables
        guard !tables.isEmpty else {
            return console.warning(
                "no row ends badly, and -v draws all of them: `\(file.path)` is not written")
        }
        try file.write(
            page: { report.page.html }, image: { SpanTable.svg(tables, title: "haops ready") })
        console.note("drawn: \(file.path)")
    }

    static func exit(_ outcome: ReadinessSurvey.Outcome) -> HaopsExit {
        if outcome.clusters.flatMap(\.findings).contains(where: { $0.severity == .error }) {
            return .badState
        }
        let isComplete = outcome.silent.isEmpty && outcome.clusters.allSatisfy(\.isForetold)
        return isComplete ? .done : .unreachable
    }
}

extension FailureCase: ExpressibleByArgument {}
