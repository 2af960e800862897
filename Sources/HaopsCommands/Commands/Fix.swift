import ArgumentParser
import Inventory
import Remote
import Rollout

struct Fix: HaopsCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a split-brain, clear a leftover VIP, refresh ARP, and prove it.",
        discussion: """
            Looks twice, decides which node must give way and says why, stops its keepalived, waits, starts it, clears \
            leftovers, announces the addresses from their true owner, and verifies by kernel, daemon and ARP.

            Refuses, exit 3, while the cause is still there: restarting would only make the fight begin anew.
            """)

    @Flag(help: "Do it although the cause is still there.")
    var force = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        return try await connection.withTransport { transport in
            let work = try await ClusterWork(
                fleet: fleet, connection: connection, transport: transport, console: console
            ).learningWhatIsMissing()
            let rollout = work.rollout
            console.note("looking twice at \(work.fleet.clusters.map(\.name).joined(separator: ", "))")
            var plans: [FixPlan] = []
            for cluster in work.fleet.clusters { plans.append(await rollout.planFix(of: cluster)) }
            let shown = FixReport(plans: plans).report(style: console.out)
            if consent.dryRun || output.output == .table { shown.print(output.output, on: console) }
            work.report(plans.map(\.unreachable))
            if plans.contains(where: { !$0.unreachable.isEmpty }) { return .unreachable }
            let isRefused = plans.contains {
                !$0.isEmpty && (!$0.causes.isEmpty && !force || $0.actions.isEmpty)
            }
            if consent.dryRun { return isRefused ? .refused : .done }
            if !isRefused, plans.contains(where: { !$0.isEmpty }) { try await consent.ask("Do this?") }
            return try await work.carryOut(
                plans.map { plan in
                    (plan.cluster.name, { await rollout.carryOut(plan, interrupt: $0, insists: force) })
                },
                command: "fix", output: output)
        }
    }
}
