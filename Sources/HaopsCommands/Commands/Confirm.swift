import ArgumentParser
import Inventory
import Remote
import Rollout

struct Confirm: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep a change that was applied with --confirm, or take it back at once.",
        discussion: """
            After `haops apply --confirm 10m` the automatic rollback stays scheduled on every changed node. Somebody looks, and runs \
            `haops confirm`: who that is, and from which machine, does not matter. It asks every node over a new login, wants the \
            cluster to be well, and cancels the rollbacks of all nodes or of none. Without it the nodes go back when the time is \
            up, the one that was changed last first, and a node that reboots goes back as it boots. Until then every verb shows \
            what waits and how long, and those that change something refuse. \
            --revert is a rollback to before that change, at once and under every gate.

            \(HaopsExit.ofChanges)
            """)

    @Flag(help: "Take the change back at once, as `haops rollback` does.")
    var revert = false

    @Flag(help: "Go on although the cluster has problems.")
    var acceptProblems = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Clusters") var waveFlags: WaveFlags
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        let waves = try waveFlags.waves(through: fleet.clusters)
        return try await withTransport { transport in
            let work = try await ClusterWork(
                fleet: fleet, connection: connection, transport: transport, console: console
            ).learningWhatIsMissing()
            let rollout = work.rollout
            let plans = try await work.ofEachCluster { cluster throws(InterruptedQuestion) in
                await rollout.planConfirm(of: cluster)
            }
            let shown = ConfirmReport(plans: plans)
            guard plans.contains(where: { !$0.changes.isEmpty }) else {
                let silent = plans.flatMap { $0.unreachable.values.sorted { $0.host < $1.host } }
                console.report(silent)
                shown.report(style: console.out).print(output.output, on: console)
                return silent.isEmpty ? .done : .unreachable
            }
            // What a silent node has is not known, so its cluster is neither confirmed nor passed over.
            let waiting = plans.filter { !$0.changes.isEmpty || !$0.unreachable.isEmpty }
            guard !revert else { return try await takeBack(waiting, shown, work, waves, console) }
            console.show(consent, output) { shown.report(style: $0) }
            if consent.dryRun { return .done }
            let ready = waiting.filter { $0.obstacles.isEmpty && $0.unreachable.isEmpty }
            if !ready.isEmpty {
                try await consent.ask("Keep this on \(NodeRange.listed(ready.map(\.cluster.name)))?")
            }
            return try await work.carryOut(
                waiting.map { plan in
                    ClusterRun.Piece(cluster: plan.cluster) { work, interrupt in
                        await work.rollout.carryOut(
                            plan, interrupt: interrupt, acceptsProblems: acceptProblems)
                    }
                }, command: "confirm", waves: waves, output: output)
        }
    }

    /// Rolls clusters back to before what waits there.
    private func takeBack(
        _ waiting: [ConfirmPlan], _ shown: ConfirmReport, _ work: ClusterWork, _ waves: Waves,
        _ console: Console
    ) async throws -> HaopsExit {
        console.stderrLine(String(shown.report(style: console.err).text.dropLast()))
        var work = work
        work.fleet.clusters = waiting.map(\.cluster)
        let runs = Dictionary(
            waiting.compactMap { plan in plan.changes.first.map { (plan.cluster.name, $0.run) } }
        ) { $1 }
        let (plans, hidesDiffs) = try await work.plansToGoBack { runs[$0.name] }
        return try await work.conduct(
            plans, command: "rollback", consent: consent, waves: waves, output: output,
            acceptsProblems: acceptProblems, hidesDiffs: hidesDiffs)
    }
}
