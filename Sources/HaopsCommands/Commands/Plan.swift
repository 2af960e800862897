import ArgumentParser
import Inventory
import Remote
import Rollout

struct Plan: ConnectingCommand {
    static let configuration = CommandConfiguration(
        abstract: "What `apply` would do: diffs, effects, order, who loses which VIP, predicted outage.",
        discussion:
            "Changes nothing. Exit: 0, or with --detailed-exitcode 2 when changes are pending; 4 when a node did not answer."
    )

    @Flag(help: "Exit 2 when changes are pending.")
    var detailedExitcode = false

    @Flag(help: "Count the changed lines of each file instead of showing them.")
    var stat = false

    @Flag(help: "Show the contents of new files, too.")
    var contents = false

    @Option(
        help: ArgumentHelp(
            "Record the plan for `apply FILE`, which refuses when anything has moved.", valueName: "file"),
        completion: .file())
    var out: String?

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Clusters") var waveFlags: WaveFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        try fleetOptions.requireInventory()
        if stat, contents { throw ValidationError("--stat and --contents exclude each other") }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let selected = try fleetOptions.selected(console)
        let waves = try waveFlags.waves(through: selected.fleet.clusters)
        let salt = out.map { _ in PlanFile.newSalt() }
        let plans = try await withTransport { transport in
            try await ClusterWork(
                fleet: selected.fleet, connection: connection, transport: transport, console: console
            )
            .plans(for: selected.nodes, recordingWith: salt)
        }
        PlanReport(
            plans: plans, isDetailed: output.verbose, showsContents: contents, countsOnly: stat, waves: waves
        )
        .report(command: "plan", style: console.out).print(output.output, on: console)
        if plans.contains(where: { !$0.unreachable.isEmpty }) {
            if out != nil { console.warning("the plan is not recorded, because not every node has answered") }
            return .unreachable
        }
        if let out, let salt {
            try PlanFile(
                plans, inventory: fleetOptions.inventoryPath, limit: fleetOptions.limit, salt: salt,
                by: Operator.current.name
            ).write(to: out)
            console.note("recorded: haops apply \(CommandLineHint.typed(out)) does this and nothing else")
        }
        return detailedExitcode && plans.contains(where: { !$0.isEmpty || !$0.locks.isEmpty })
            ? .changesPending : .done
    }
}
