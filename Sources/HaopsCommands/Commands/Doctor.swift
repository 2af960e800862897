import ArgumentParser
import Checks
import Inventory
import Remote
import Survey

struct Doctor: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract: "What is wrong, why, the evidence, and what to do.",
        discussion: """
            Asks every node twice, more than a master-down time apart, and compares what the kernels, the daemons, their \
            counters and journals, the packet filters and the configurations say. Where a node has tcpdump it listens for \
            adverts in between, a few seconds and packets long. Checks that fail are run once, to see what \
            they print, unless they stop or start a service. Changes nothing.

            What one look shows is said on standard error meanwhile. The first finding of the answer is the one to mend first. docs/Doctor.md explains every identifier.

            Exit: 0 no error, 4 somebody did not answer, 5 there are errors.
            """)

    @OptionGroup(title: "What is asked") var probing: ProbingOptions
    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        let outcome = try await withTransport { transport in
            var survey = DoctorSurvey(fleet: fleet.reached(by: connection))
            survey.probesAnswers = probing.probes
            survey.saysFirstLook = true
            return try await survey.take(in: SurveyContext(transport, connection, console))
        }
        let findings = outcome.observations.flatMap { RootCauses.findings(in: $0) }
        Self.report(outcome, of: fleet, findings, onlyProblems: probing.problems)
            .report(style: console.out).print(output.output, on: console)
        if findings.contains(where: { $0.severity == .error }) { return .badState }
        return outcome.silent.isEmpty ? .done : .unreachable
    }

    static func report(
        _ outcome: DoctorSurvey.Outcome, of fleet: Fleet, _ findings: [Finding], onlyProblems: Bool = false
    ) -> FindingsReport {
        FindingsReport(
            command: "doctor", findings: findings,
            allClear: "\(DoctorSummary(outcome.observations))",
            unreachable: outcome.silent, onlyProblems: onlyProblems,
            clusters: Dictionary(
                fleet.clusters.flatMap { cluster in cluster.nodes.map { ($0.id.name, cluster.name) } }
            ) { first, _ in first }
        )
    }
}
