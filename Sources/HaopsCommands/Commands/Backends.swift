import ArgumentParser
import Checks
import Inventory
import Survey

struct Backends: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Every backend server as every balancer sees it, side by side.",
        discussion: """
            Asks every haproxy over its stats socket, else over its master's, and compares: status, since when and why by \
            the last check, sessions now and at most, queue, errors, weight, agent. Below it is what is wrong: servers on which \
            balancers disagree, backends with one server left or none, `maxconn` that is reached, queues and retries that \
            grow, peers without a session, stick tables that are nearly full, old workers that still drain. Changes nothing.

            -v shows every figure, a line for each server and balancer; without it that is done where a column for each \
            balancer does not fit. `-o json` has all of them for monitoring, and `null` for what is not known.

            Exit: 0 all balancers agree, and no backend depends on one of several servers; 4 a balancer did not say what it \
            sees; 5 balancers disagree, one server of several is left, or none is; 64 nothing is named like PATTERN.
            """)

    @Argument(
        help: ArgumentHelp(
            "Only these: a backend, a server, or BACKEND/SERVER; globs in quotes.", valueName: "pattern"))
    var pattern: String?

    @Flag(help: "Show only what is wrong, and the summary.")
    var problems = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        let wanted = pattern.map { BackendPattern($0) }
        let outcomes = try await withTransport { transport in
            try await BackendsSurvey(fleet: fleet.reached(by: connection), wanted: wanted)
                .take(in: SurveyContext(transport, connection, console))
        }
        let report = BackendsReport(
            outcomes: outcomes, wanted: wanted, isDetailed: output.verbose, onlyProblems: problems)
        if let pattern, report.isEmpty, outcomes.allSatisfy(\.isComplete) {
            throw Failure(
                .usage, "no backend and no server is named like `\(pattern)`",
                hint: "haops backends without it lists them; globs take * and ?")
        }
        report.report(style: console.out).print(output.output, on: console)
        return Self.exit(outcomes)
    }

    /// What doctor warns of is enough where it concerns the servers: that the balancers disagree on one, and that one is
    /// left of several.
    static func exit(_ outcomes: [BackendsSurvey.Outcome]) -> HaopsExit {
        let isBad = outcomes.flatMap(\.findings).contains { finding in
            finding.severity == .error || finding.doctor == .backendSeenDifferently
                || finding.doctor == .backendLastServer
        }
        if isBad { return .badState }
        return outcomes.allSatisfy(\.isComplete) ? .done : .unreachable
    }
}
