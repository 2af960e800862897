import ArgumentParser
import Checks
import Facts
import Inventory
import Remote
import Rollout

/// A verb that changes servers of haproxy on all balancers of a cluster.
protocol ServerCommand: ChangingCommand where Output == OutputOptions {
    var servers: [String] { get }
    var fleetOptions: FleetOptions { get }
}

extension ServerCommand {
    /// - Throws: `ValidationError` for what names no server, and for a part of a cluster.
    func check() throws {
        _ = try selectors()
        guard fleetOptions.limit == nil else {
            throw ValidationError(
                "it is done on all balancers of a cluster or on none: --limit is not for it")
        }
    }

    func selectors() throws -> [ServerSelector] {
        try servers.map { text in
            guard let selector = ServerSelector(text) else {
                throw ValidationError("`\(text)` is no server: name one as `web2` or `web/web2`")
            }
            return selector
        }
    }
}

/// What `drain`, `enable` and `weight` share: asks, shows, asks the operator, does it and reports.
struct ServerWork<Command: ServerCommand>: Sendable {
    var change: ServerChange
    var selectors: [ServerSelector]
    var command: Command
    var reason = ""
    /// Whether a backend may be left without a server that serves.
    var acceptsOutage = false
    /// How long a drained server may take to end its sessions; `nil` does not wait.
    var waitsFor: Duration?

    func perform(_ console: Console) async throws -> HaopsExit {
        let (consent, output) = (command.consent, command.output)
        let fleet = try command.fleetOptions.selected(console).fleet
        return try await command.withTransport { transport in
            let work = ClusterWork(
                fleet: fleet, connection: command.connection, transport: transport, console: console)
            let rollout = work.rollout
            let all = try await work.ofEachCluster { cluster throws(InterruptedQuestion) in
                try await rollout.planServers(change, selectors, in: cluster, reason: reason)
            }
            if all.contains(where: { !$0.unreachable.isEmpty }) {
                return work.notBegun(
                    all.map { ($0.cluster, $0.unreachable) }, command: change.verb, consent, output)
            }
            let plans = try concerned(all)
            let shown = ServerReport(plans: plans)
            console.show(consent, output) { shown.report(style: $0) }
            if plans.contains(where: { !$0.obstacles.isEmpty }) {
                if !output.output.isForPeople, !consent.dryRun {
                    shown.report(style: console.out).print(output.output, on: console)
                }
                return .refused
            }
            if consent.dryRun { return .done }
            try await ask(plans)
            return try await work.carryOut(
                plans.map { plan in
                    ClusterRun.Piece(cluster: plan.cluster) { work, interrupt in
                        var report = await work.rollout.carryOut(plan, interrupt: interrupt)
                        if let waitsFor {
                            await work.rollout.awaitNoSessions(
                                plan, within: waitsFor, interrupt: interrupt, &report)
                        }
                        return report
                    }
                }, command: change.verb, waves: Waves(), output: output)
        }
    }

    /// The plans of the clusters that have such a server.
    ///
    /// - Throws: ``Failure`` where none has, and where several have and none of them was named.
    private func concerned(_ plans: [ServerPlan]) throws -> [ServerPlan] {
        let known = Set(plans.flatMap(\.known)).sorted()
        for selector in selectors where !plans.contains(where: { $0.known.contains(where: selector.matches) })
        {
            // A node whose haproxy says nothing may have it.
            let mute = plans.filter { !$0.obstacles.isEmpty && $0.nodes.isEmpty }
            guard mute.isEmpty else { return mute }
            let names = selector.backend == nil ? known.map(\.server).uniqued() : known.map(\.description)
            throw command.unknown(
                "server", "\(selector)", among: names,
                listed: known.isEmpty ? "none" : known.prefix(12).map(\.description).joined(separator: ", "))
        }
        let concerned = plans.filter { !$0.nodes.isEmpty }
        guard concerned.count < 2 || !command.fleetOptions.cluster.isEmpty else {
            let names = concerned.map(\.cluster.name)
            throw Failure(
                .usage, "several clusters have such a server: \(NodeRange.listed(names))",
                hint: "name the cluster with -c, or each of them")
        }
        return concerned
    }

    private func ask(_ plans: [ServerPlan]) async throws {
        guard plans.contains(where: { !$0.isEmpty }) else { return }
        let emptied = plans.flatMap(\.emptied).uniqued()
        guard let first = emptied.first, !acceptsOutage else {
            return try await command.consent.ask("Do this on all balancers?")
        }
        guard !command.consent.yes else {
            throw Failure(
                .refused,
                "nothing was done: no server of backend `\(emptied.joined(separator: "`, `"))` would serve any more",
                hint: "--accept-outage does it all the same")
        }
        try await command.consent.askForName(
            first,
            "No server of \(emptied.enumeration) would serve any more. Type the backend's name to do it")
    }
}
