import ArgumentParser
import Inventory
import Remote
import Rollout

struct Restart: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Restart keepalived, haproxy or both, one node of a cluster after the other.",
        discussion: """
            Nodes that own nothing first; the owner last, after its addresses were handed to a healthy peer. Each node is \
            verified before the next one is touched.

            Where what is written on the nodes would make them deaf to each other until all have read it (another router \
            id or password, say), they are restarted together: the plan says so, and for how long nobody serves.

            \(HaopsExit.ofChanges)
            """)

    enum Service: String, ExpressibleByArgument, CaseIterable, Sendable { case keepalived, haproxy, all }

    @Argument(help: "What to restart.")
    var service: Service = .all

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

    func perform(_ console: Console) async throws -> HaopsExit {
        let selected = try fleetOptions.selected(console)
        let waves = try waveFlags.waves(through: selected.fleet.clusters)
        return try await withTransport { transport in
            let work = try await ClusterWork(
                fleet: selected.fleet, connection: connection, transport: transport, console: console
            ).learningWhatIsMissing()
            let services: Set<String> = service == .all ? ["keepalived", "haproxy"] : [service.rawValue]
            let only: Set<HostID>? = fleetOptions.limit == nil ? nil : Set(selected.nodes.map(\.id))
            let rollout = work.rollout
            let plans = try await work.ofEachCluster { cluster throws(InterruptedQuestion) in
                try await rollout.planRestart(of: cluster, services: services, only: only)
            }
            return try await work.conduct(
                plans, command: "restart", consent: consent, waves: waves, output: output,
                acceptsProblems: acceptProblems)
        }
    }
}
