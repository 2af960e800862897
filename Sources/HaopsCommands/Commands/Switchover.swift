import ArgumentParser
import Inventory
import Remote
import Rollout

struct Switchover: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Move virtual IPs to another node, without loss where the mechanism allows.",
        discussion: """
            The successor is raised above the owner, takes over while the owner still serves, and the owner steps back. The \
            override stays until `--release`, or until the node restarts; `status` and `who` show it with its reason. On nodes that \
            haops did not set up the priority in their own file is raised, with a comment that says so, and put back.

            \(HaopsExit.ofChanges)
            """)

    @Option(
        help: ArgumentHelp("The node that takes the addresses.", valueName: "node"),
        completion: .custom { _, _, _ in InventoryCompletion.nodes() })
    var to: String?

    @Flag(help: "End all overrides: the configured priorities decide again.")
    var release = false

    @Option(help: ArgumentHelp("Only this instance; may be given several times.", valueName: "name"))
    var instance: [String] = []

    @Option(help: ArgumentHelp("Stored with the override, and shown by who and status.", valueName: "text"))
    var reason = ""

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Clusters") var waveFlags: WaveFlags
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (to != nil) != release else {
            throw ValidationError("name a node with --to, or end all overrides with --release")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        let clusters = try to.map { [try cluster(of: $0, in: fleet)] } ?? fleet.clusters
        let waves = try waveFlags.waves(through: clusters)
        return try await withTransport { transport in
            let work = try await ClusterWork(
                fleet: Fleet(source: fleet.source, clusters: clusters), connection: connection,
                transport: transport,
                console: console
            ).learningWhatIsMissing()
            let names = instance.isEmpty ? nil : Set(instance)
            try check(instance, in: work.fleet)
            let rollout = work.rollout
            let plans = try await work.ofEachCluster { cluster throws(InterruptedQuestion) in
                guard let to else { return try await rollout.planRelease(of: cluster, instances: names) }
                return try await rollout.planSwitchover(
                    of: cluster, to: HostID(to), instances: names, reason: reason)
            }
            let shown = SwitchoverReport(plans: plans)
            console.show(consent, output) { shown.report(style: $0) }
            if plans.contains(where: { !$0.unreachable.isEmpty }) {
                return work.notBegun(
                    plans.map { ($0.cluster, $0.unreachable) }, command: "switchover", consent, output)
            }
            if plans.contains(where: \.isRefused) {
                if !output.output.isForPeople, !consent.dryRun {
                    shown.report(style: console.out).print(output.output, on: console)
                }
                return .refused
            }
            if consent.dryRun { return .done }
            if plans.contains(where: { !$0.isEmpty }) { try await consent.ask("Move them?") }
            return try await work.carryOut(
                plans.map { plan in
                    ClusterRun.Piece(cluster: plan.cluster) { work, interrupt in
                        await work.rollout.carryOut(plan, interrupt: interrupt)
                    }
                }, command: "switchover", waves: waves, output: output)
        }
    }

    private func check(_ names: [String], in fleet: Fleet) throws {
        let known = fleet.clusters.flatMap { $0.keepalived?.instances ?? [] }.map(\.name)
        for name in names where !known.contains(name) {
            throw unknown("instance", name, among: known, listed: known.joined(separator: ", "))
        }
    }

    private func cluster(of node: String, in fleet: Fleet) throws -> Cluster {
        if let cluster = fleet.clusters.first(where: { $0.nodes.contains { $0.id.name == node } }) {
            return cluster
        }
        let names = fleet.clusters.flatMap { $0.nodes.map(\.id.name) }
        throw unknown("selected node", node, among: names, listed: NodeRange.folded(names))
    }
}

extension HaopsCommand {
    /// The error for a name that is none of those known.
    func unknown(_ kind: String, _ name: String, among known: [String], listed: String) -> Failure {
        Failure(
            .usage, "no \(kind) is called `\(name)`",
            hint: suggestion(for: name, among: known).map { "did you mean `\($0)`?" } ?? "there are \(listed)"
        )
    }
}
