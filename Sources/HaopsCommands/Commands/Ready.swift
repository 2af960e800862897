import ArgumentParser
import Checks
import Inventory
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

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        let outcome = try await withTransport(asksOnce: true) { transport in
            var survey = ReadinessSurvey(fleet: fleet.reached(by: connection))
            survey.accepted = Set(accept)
            return try await survey.take(in: SurveyContext(transport, connection, console))
        }
        ReadyReport(
            fleet: fleet, outcome: outcome, accepted: accept,
            showsAll: output.verbose || fleet.clusters.count == 1
        ).report(style: console.out).print(output.output, on: console)
        return Self.exit(outcome)
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
