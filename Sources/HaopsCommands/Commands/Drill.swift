import ArgumentParser
import Inventory
import Remote
import Rollout

struct Drill: ChangingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a failure real on a node, measure how long each address is silent, and end it again.",
        discussion: """
            Before anything fails its end is scheduled on the node itself, in bounded time and at its next boot: a drill whose \
            operator vanishes ends by itself. The observers of the inventory ping every address all the time; what they saw is \
            shown beside what `ready` foretells. Afterwards it is proven that owners, daemons, addresses, routes and packet \
            filters are as before.

            CASE is \(DrillCase.allCases.map(\.rawValue).joined(separator: ", ")). docs/Drill.md explains each.

            Exit: 0 all is as before; 1 it is not, and says what is left; 3 refused, nothing was broken; 4 a node did not \
            answer, nothing was broken; 5 a silence was longer than --max-outage, or differs from what was foretold; 6 the \
            outcome is unknown; 130 interrupted, and the failure has ended.
            """)

    @Argument(help: ArgumentHelp("The failure.", valueName: "case"))
    var failure: DrillCase

    @Option(
        help: ArgumentHelp(
            "The node that fails; the owner of the addresses unless named.", valueName: "node"),
        completion: .custom { _, _, _ in InventoryCompletion.nodes() })
    var node: String?

    @Option(
        name: .customLong("fails"),
        help: ArgumentHelp("Which of several checks is to fail.", valueName: "name"))
    var failingCheck: String?

    @Option(
        help: ArgumentHelp(
            "Between two questions to an address, in milliseconds: 5 to 1000.", valueName: "ms"))
    var interval = 10

    @Option(
        help: ArgumentHelp(
            "The longest silence that is well; a longer one ends with 5.", valueName: "duration"))
    var maxOutage: TimeSpan?

    @Flag(help: "Do it although nobody would serve meanwhile.")
    var acceptOutage = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Consent") var consent: ConsentFlags
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (5...1000).contains(interval) else {
            throw ValidationError("--interval takes 5 to 1000 milliseconds")
        }
        guard failingCheck == nil || failure == .checkFails else {
            throw ValidationError("--fails belongs to `drill check-fails`")
        }
    }

    func perform(_ console: Console) async throws -> HaopsExit {
        let fleet = try fleetOptions.selected(console).fleet
        let cluster = try chosen(in: fleet)
        return try await withTransport { transport in
            let work = ClusterWork(
                fleet: Fleet(source: fleet.source, clusters: [cluster]), connection: connection,
                transport: transport, console: console)
            let cluster = work.fleet.clusters[0]
            let plan = try await work.rollout.planDrill(
                of: cluster, failure, on: node.map { HostID($0) }, check: failingCheck, insists: acceptOutage)
            let shown = DrillPlanReport(plan: plan)
            console.show(consent, output) { shown.report(style: $0) }
            if !plan.unreachable.isEmpty {
                return work.notBegun([(cluster, plan.unreachable)], command: "drill", consent, output)
            }
            if plan.isRefused {
                if !output.output.isForPeople, !consent.dryRun {
                    shown.report(style: console.out).print(output.output, on: console)
                }
                return .refused
            }
            if consent.dryRun { return .done }
            try await consent.askForName(
                cluster.name, "\(plan.node) will fail on purpose. Type the cluster's name to begin")
            let report = try await Interrupts.gracefully { interrupt in
                try Task.checkCancellation()
                return await work.rollout.carryOut(
                    plan, interval: .milliseconds(interval), interrupt: interrupt)
            }
            let answer = DrillReport(
                cluster: cluster.name, plan: plan, run: report, maxOutage: maxOutage?.duration)
            answer.report(style: console.out).print(output.output, on: console)
            return answer.exit
        }
    }

    /// The cluster of the node, or the only one that was chosen.
    private func chosen(in fleet: Fleet) throws -> Cluster {
        if let node {
            if let cluster = fleet.clusters.first(where: { $0.nodes.contains { $0.id.name == node } }) {
                return cluster
            }
            let names = fleet.clusters.flatMap { $0.nodes.map(\.id.name) }
            throw unknown("node", node, among: names, listed: NodeRange.listed(names))
        }
        guard fleet.clusters.count == 1 else {
            throw Failure(
                .usage, "one drill is of one cluster, and these are \(fleet.clusters.count)",
                hint: "choose one with -c, or name a node with --node")
        }
        return fleet.clusters[0]
    }
}

extension DrillCase: ExpressibleByArgument {}
