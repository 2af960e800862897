import ArgumentParser
import Checks
import Facts
import Inventory
import Remote
import Rollout
import Survey

struct Status: ConnectingCommand, PluginCommand {
    static let configuration = CommandConfiguration(
        abstract: "Per node: services, versions, roles, priorities, drift from the inventory.",
        discussion: """
            One round trip per node, and one more to keepalived where its journal leaves a doubt. haproxy is asked again a \
            second later where something waits in a queue or was tried again since its start. "written, not loaded" is a file that the daemon has not read yet. Changes nothing, \
            and works with nodes down.

            Exit: 0 all is well, 4 somebody did not answer, 5 the state is bad.
            """)

    @Flag(help: "Answer as a monitoring plugin: one line, exit 0, 1, 2 or 3.")
    var nagios = false

    @OptionGroup(title: "What is asked") var probing: ProbingOptions
    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let statuses = try await statuses(console)
        StatusReport(statuses: statuses, isDetailed: output.verbose, onlyProblems: probing.problems).report(
            style: console.out
        ).print(
            output.output, on: console)
        return Self.exit(statuses)
    }

    func answerMonitor(_ console: Console) async throws -> PluginAnswer {
        .status(try await statuses(console))
    }

    private func statuses(_ console: Console) async throws -> [ClusterStatus] {
        let selected = try fleetOptions.selected(console)
        let fleet = selected.fleet
        let sets = try await Self.rendered(fleet, fleetOptions, console)
        var statuses = try await withTransport(asksOnce: !probing.probes) { transport in
            var survey = StatusSurvey(fleet: fleet.reached(by: connection), rendered: sets?.clusters)
            survey.probesAnswers = probing.probes
            return try await survey.take(in: SurveyContext(transport, connection, console))
        }
        for index in statuses.indices { statuses[index].chosen = Set(selected.nodes.map(\.id)) }
        return statuses
    }

    /// What the nodes should have. Without a secret only the drift is unknown; the verb still reports what the nodes do.
    static func rendered(
        _ fleet: Fleet, _ options: FleetOptions, _ console: Console
    ) async throws -> RenderedFleet? {
        guard options.nodes == nil else { return nil }
        do {
            return try await RenderedFleet.make(fleet, console: console)
        } catch let error as InventoryError {
            for diagnostic in error.diagnostics { console.report(diagnostic, from: error.text) }
            console.warning("without it, drift from the inventory is unknown")
            return nil
        }
    }

    static func exit(_ statuses: [ClusterStatus]) -> HaopsExit {
        let verdicts = statuses.flatMap(\.survey.ownerships).map(\.verdict)
        if statuses.contains(where: \.isBad) || verdicts.contains(where: \.isBad) { return .badState }
        let isComplete =
            statuses.allSatisfy(\.survey.isComplete) && !verdicts.contains(.unknown)
            && statuses.flatMap(\.nodes).allSatisfy(\.unanswered.isEmpty)
        return isComplete ? .done : .unreachable
    }
}

extension ClusterStatus {
    var isBad: Bool { nodes.contains(where: \.isBad) }

    var nodes: [NodeStatus] {
        survey.nodes.filter { chosen?.contains($0.0) ?? true }.map { host, probeResult in
            NodeStatus(
                host: host, probeResult: probeResult, plan: drift?.nodes.first { $0.node.id == host },
                wantsHAProxy: survey.cluster.haproxy != nil, wantsKeepalived: survey.cluster.keepalived != nil
            )
        }
    }
}
