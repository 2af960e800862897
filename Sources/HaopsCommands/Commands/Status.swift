import ArgumentParser
import Checks
import Facts
import Inventory
import Remote
import Rollout

struct Status: HaopsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Per node: services, versions, roles, priorities, drift from the inventory.",
        discussion: """
            One round trip per node. "written, not loaded" is a file that the daemon has not read yet. Changes nothing, \
            and works with nodes down.

            Exit: 0 all is well, 4 somebody did not answer, 5 the state is bad.
            """)

    @Flag(help: "Answer as a monitoring plugin: one line, exit 0, 1, 2 or 3.")
    var nagios = false

    @OptionGroup(title: "Which machines") var fleetOptions: FleetOptions
    @OptionGroup(title: "Connection") var connection: ConnectionFlags
    @OptionGroup(title: "Output") var output: OutputOptions

    func perform(_ console: Console) async throws -> HaopsExit {
        let quiet = nagios ? console.silenced : console
        let fleet = try fleetOptions.selected(quiet).fleet
        // A secret that cannot be had must not hide what the nodes are doing: then only the drift is unknown.
        var rendered: RenderedFleet?
        do {
            if fleetOptions.nodes == nil { rendered = try await RenderedFleet.make(fleet, console: quiet) }
        } catch let error as InventoryError {
            for diagnostic in error.diagnostics { quiet.report(diagnostic, from: error.text) }
            quiet.warning("without this, drift from the inventory cannot be told")
        }
        let sets = rendered
        let statuses = try await connection.withTransport { transport in
            await take(fleet, sets, over: transport, console: quiet)
        }
        if nagios { return try nagiosAnswer(statuses, console) }
        StatusReport(statuses: statuses).report(style: console.out).print(output.output, on: console)
        let verdicts = statuses.flatMap(\.survey.ownerships)
        if statuses.contains(where: \.isBad) || verdicts.contains(where: \.verdict.isBad) { return .badState }
        return statuses.contains(where: { !$0.survey.isComplete }) ? .unreachable : .done
    }

    private func take(
        _ fleet: Fleet, _ rendered: RenderedFleet?, over transport: any Transport, console: Console
    ) async -> [ClusterStatus] {
        var survey = OwnershipSurvey(fleet: fleet, wanted: [], connection: connection)
        survey.moreFacts = [SystemFact(), ServicesFact(), HAProxyFact(), HaopsStateFact()]
        for (cluster, nodes) in rendered?.clusters ?? [] {
            survey.factsOfNode.merge(Drift.questions(cluster, rendered: nodes)) { $1 }
        }
        return await survey.take(over: transport, console: console).map { outcome in
            let nodes = rendered?.clusters.first { $0.cluster.name == outcome.cluster.name }?.nodes
            return ClusterStatus(
                survey: outcome,
                drift: nodes.map {
                    Drift.compare(
                        outcome.cluster, rendered: $0, nodes: outcome.nodes, observers: outcome.observers)
                })
        }
    }

    private func nagiosAnswer(_ statuses: [ClusterStatus], _ console: Console) throws -> HaopsExit {
        let nodes = statuses.flatMap(\.nodes)
        let verdicts = statuses.flatMap(\.survey.ownerships)
        let critical =
            verdicts.filter(\.verdict.isBad).map { "\($0.vip) \($0.verdict.rawValue)" }
            + nodes.filter(\.isBad).map { "\($0.host) \($0.trouble.joined(separator: ", "))" }
        let warning = nodes.filter { !$0.drift.isEmpty }.map {
            "\($0.host) \($0.drift.joined(separator: ", "))"
        }
        let unknown = nodes.filter { !$0.isReachable }.map { "\($0.host) does not answer" }
        let (word, code, message): (String, Int32, [String]) =
            !critical.isEmpty
            ? ("CRITICAL", 2, critical + unknown)
            : !unknown.isEmpty
                ? ("UNKNOWN", 3, unknown)
                : !warning.isEmpty
                    ? ("WARNING", 1, warning) : ("OK", 0, ["\(nodes.count) nodes as they should be"])
        console.answer(
            "HAOPS \(word) - \(message.joined(separator: "; ").safeOnOneLine) | nodes=\(nodes.count) "
                + "unreachable=\(unknown.count) drifted=\(warning.count)\n")
        throw ExitCode(code)
    }
}

/// One cluster as it stands.
struct ClusterStatus: Sendable {
    var survey: OwnershipSurvey.Outcome
    /// `nil` when there is nothing to compare with.
    var drift: ClusterPlan?

    var isBad: Bool { nodes.contains(where: \.isBad) }

    var nodes: [NodeStatus] {
        survey.nodes.map { host, testimony in
            NodeStatus(
                host: host, testimony: testimony, plan: drift?.nodes.first { $0.node.id == host },
                wantsHAProxy: survey.cluster.haproxy != nil, wantsKeepalived: survey.cluster.keepalived != nil
            )
        }
    }
}
