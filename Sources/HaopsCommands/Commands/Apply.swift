import ArgumentParser
import Inventory
import Remote
import Rollout

struct Apply: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a fleet to what its inventory says, under every gate.",
        discussion: """
            With a FILE of `haops plan --out` it does what that plan shows, and refuses, naming what has moved, when anything that \
            the plan was based on is not as it was. Validates on every node before a file is replaced on one; changes one node of a cluster at a time, the owner \
            last, after its addresses were handed over; verifies after each; puts a node back at the first deviation.

            \(HaopsExit.ofChanges)
            """)

    @Argument(
        help: ArgumentHelp("A plan that `haops plan --out FILE` has recorded.", valueName: "file"),
        completion: .file())
    var plan: String?

    @Flag(
        help:
            "Go on although the cluster has problems already; a node that does not answer is never gone on without."
    )
    var acceptProblems = false

    @OptionGroup var confirmation: ConfirmationFlag

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Clusters") var waveFlags: WaveFlags
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        try fleetOptions.requireInventory()
        if plan != nil, !fleetOptions.cluster.isEmpty || fleetOptions.limit != nil {
            throw ValidationError(
                "a recorded plan says which clusters and nodes: --cluster and --limit are not for it")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let recorded = try plan.map { try PlanFile(at: $0) }
        let selected = try (recorded.map(fleetOptions.selecting) ?? fleetOptions).selected(console)
        let waves = try waveFlags.waves(through: selected.fleet.clusters)
        return try await withTransport { transport in
            let work = ClusterWork(
                fleet: selected.fleet, connection: connection, transport: transport, console: console)
            let plans = try await work.plans(for: selected.nodes, recordingWith: recorded?.salt)
            try recorded?.requireNothingMoved(in: plans)
            return try await work.conduct(
                plans.map(confirmation.applied), command: "apply", consent: consent,
                waves: waves, output: output,
                acceptsProblems: acceptProblems)
        }
    }
}
