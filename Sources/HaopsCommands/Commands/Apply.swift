import ArgumentParser
import Inventory
import Remote
import Rollout

struct Apply: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a fleet to what its inventory says, under every gate.",
        discussion: """
            Validates on every node before a file is replaced on one; changes one node of a cluster at a time, the owner \
            last, after its addresses were handed over; verifies after each; puts a node back at the first deviation.

            \(HaopsExit.ofChanges)
            """)

    @Flag(
        help:
            "Go on although the cluster has problems already; a node that does not answer is never gone on without."
    )
    var acceptProblems = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Clusters") var waveFlags: WaveFlags
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws { try fleetOptions.requireInventory() }

    func perform(_ console: Console) async throws -> HaopsExit {
        let selected = try fleetOptions.selected(console)
        let waves = try waveFlags.waves(through: selected.fleet.clusters)
        return try await withTransport { transport in
            let work = ClusterWork(
                fleet: selected.fleet, connection: connection, transport: transport, console: console)
            return try await work.conduct(
                try await work.plans(for: selected.nodes), command: "apply", consent: consent,
                waves: waves, output: output,
                acceptsProblems: acceptProblems)
        }
    }
}
