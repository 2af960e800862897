import ArgumentParser
import Inventory
import Remote
import Rollout

struct Apply: HaopsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a fleet to what its inventory says, under every gate.",
        discussion: """
            Validates on every node before a file is replaced on one; changes one node of a cluster at a time, the owner \
            last, after its addresses were handed over; verifies after each; puts a node back at the first deviation.
            """)

    @Flag(help: "Go on although the cluster has problems already.")
    var acceptProblems = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        return try await connection.withTransport { transport in
            let work = ClusterWork(
                fleet: fleet, connection: connection, transport: transport, console: console)
            let plans = try await work.plans()
            let shown = PlanReport(plans: plans, isDetailed: output.verbose).report(
                command: "apply", style: console.out)
            // A machine reads one document from standard output: the plan goes there only when it is the answer.
            if consent.dryRun || output.output == .table { shown.print(output.output, on: console) }
            if plans.contains(where: { !$0.unreachable.isEmpty }) { return .unreachable }
            if consent.dryRun { return .done }
            if plans.contains(where: { !$0.isEmpty && $0.obstacles.isEmpty }) {
                try await consent.ask(
                    "Apply this to \(plans.filter { !$0.isEmpty }.map(\.cluster.name).joined(separator: ", "))?"
                )
            }
            let report = try await work.run(command: "apply") { rollout, _, plan, interrupt in
                await rollout.carryOut(plan, interrupt: interrupt, acceptsProblems: acceptProblems)
            } over: {
                plans
            }
            report.report(style: console.out).print(output.output, on: console)
            return report.exit
        }
    }
}
