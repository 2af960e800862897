import Events
import Facts
package import Inventory
package import Remote

extension Rollout {
    /// Plans how instances move to a node. Changes nothing; the preconditions state, line by line, whether the move
    /// is allowed.
    ///
    /// - `instances`: names of instances, or all.
    /// - `reason`: stored on the nodes with the override, for later readers.
    package func planSwitchover(
        of cluster: Cluster, to target: HostID, instances: Set<String>? = nil, reason: String
    ) async throws(InterruptedQuestion) -> SwitchoverPlan {
        try await planSwitchover(cluster, target, instances, reason)
    }

    /// Plans the end of all overrides: the addresses move to where their priorities say.
    package func planRelease(
        of cluster: Cluster, instances: Set<String>? = nil
    ) async throws(InterruptedQuestion) -> SwitchoverPlan {
        try await planSwitchover(cluster, nil, instances, "")
    }

    private func planSwitchover(
        _ cluster: Cluster, _ target: HostID?, _ instances: Set<String>?, _ reason: String
    ) async throws(InterruptedQuestion) -> SwitchoverPlan {
        let look = try await ClusterViewer(transport: transport, cluster: cluster).question()
        var (view, unreachable) = (look.view, look.unreachable)
        let names = Set((cluster.keepalived?.instances ?? []).map(\.name))
        let unled = cluster.nodes.filter { !(view.nodes[$0.id]?.follows.isSuperset(of: names) ?? true) }
        let (written, mute) = unled.isEmpty ? ([:], [:]) : try await configurations(of: unled)
        for (node, error) in mute where unreachable[node] == nil {
            unreachable[node] = error
            view.silent[node] = error.description
        }
        var plan = SwitchoverPlanner.plan(
            cluster, to: target, instances: instances, reason: reason, view: view,
            written: written.mapValues(\.file.priorities), unreachable: unreachable)
        if !plan.isRefused {
            plan.change = try await change(for: plan, written)
            plan.unreachable.merge(plan.change?.unreachable ?? [:]) { first, _ in first }
        }
        return plan
    }

    /// The configurations of nodes that do not follow a handover file.
    private func configurations(
        of nodes: [Node]
    ) async throws(InterruptedQuestion) -> (
        found: [HostID: (file: PriorityFile, isEnabled: Bool)], unreachable: [HostID: RemoteError]
    ) {
        let transport = transport
        let answers = try await transport.question(nodes.map(\.target), window: nodes.count) {
            await transport.facts(of: $0, Probe(.switchover))
        }
        var found: [HostID: (file: PriorityFile, isEnabled: Bool)] = [:]
        var unreachable: [HostID: RemoteError] = [:]
        for (node, answer) in zip(nodes, answers) {
            let files = answer.flatMap {
                $0.answer(to: ConfigurationFilesFact.self, "what its keepalived reads")
            }
            let services = answer.flatMap { $0.answer(to: ServicesFact.self, "which services run") }
            switch (answer, files, services) {
            case (.success(let facts), .success(let evidence), .success(let services)):
                let configID = evidence.configID(on: facts.known(SystemFact.self))
                guard let file = PriorityFile(evidence, configID: configID) else { continue }
                found[node.id] = (file, services["keepalived"]?.isEnabled == true)
            case (.failure(let error), _, _), (_, .failure(let error), _), (_, _, .failure(let error)):
                unreachable[node.id] = error
            }
        }
        return (found, unreachable)
    }

    /// The change of the nodes themselves, where there is no handover file.
    private func change(
        for plan: SwitchoverPlan, _ written: [HostID: (file: PriorityFile, isEnabled: Bool)]
    ) async throws(InterruptedQuestion) -> ClusterPlan? {
        let purpose = plan.target.map { "switchover to \($0)" } ?? "release of all overrides"
        if !plan.restarts.isEmpty {
            return try await self.plan(
                plan.cluster, purpose: purpose, .restart(["keepalived"], only: Set(plan.restarts)))
        }
        var desired: [HostID: DesiredNode] = [:]
        for (node, edits) in Dictionary(grouping: plan.edits, by: \.node) {
            guard let (known, isEnabled) = written[node] else { continue }
            var file = known
            for edit in edits { file.set(edit.instance, to: edit.value, reason: plan.reason) }
            desired[node] = DesiredNode(
                files: [
                    DesiredFile(
                        path: file.path, contents: file.contents, mode: file.state.mode,
                        owner: file.state.owner, role: .keepalivedConfig)
                ], services: ["keepalived": DesiredNode.Service(isEnabled: isEnabled)])
        }
        guard !desired.isEmpty else { return nil }
        return try await self.plan(plan.cluster, purpose: purpose, .converge(desired))
    }

    /// Moves the addresses and verifies the move. The override stays until it is released, and `status` shows it.
    package func carryOut(
        _ plan: SwitchoverPlan, timing: RolloutTiming? = nil, interrupt: Interrupt = Interrupt()
    ) async -> RolloutReport {
        if !plan.unreachable.isEmpty {
            return .unreachable(plan.unreachable)
        }
        if plan.isRefused { return RolloutReport(outcome: .refused(plan.failedPreconditions)) }
        if plan.isEmpty { return await nothingToDo(on: plan.cluster) }
        if let obstacles = plan.change?.obstacles, !obstacles.isEmpty {
            return RolloutReport(outcome: .refused(obstacles))
        }
        let purpose = plan.target.map { "switchover to \($0)" } ?? "release of all overrides"
        return await locked(plan.cluster, purpose) { context, lost in
            guard
                let fresh = try? await planSwitchover(
                    plan.cluster, plan.target, Set(plan.instances), plan.reason)
            else { return RolloutReport(outcome: .interrupted) }
            guard fresh.unreachable.isEmpty else {
                return .unreachable(fresh.unreachable)
            }
            guard !fresh.isRefused else { return RolloutReport(outcome: .refused(fresh.failedPreconditions)) }
            guard fresh.overrides == plan.overrides, fresh.releases == plan.releases,
                fresh.change?.fingerprint == plan.change?.fingerprint
            else {
                return RolloutReport(
                    outcome: .refused(["the cluster has changed since the plan was made: make it again"]))
            }
            let waits = await reasonsToWaitUnderLock(plan.cluster)
            guard waits.isEmpty else { return RolloutReport(outcome: .refused(waits)) }
            let operations = NodeOperations(
                transport: transport, clock: clock, context: context,
                timing: timing ?? RolloutTiming(plan.cluster))
            var report = RolloutReport(outcome: .done)
            if let change = fresh.change {
                report = await carryOut(change, by: operations, interrupt, lost)
                guard report.outcome == .done else { return report }
            }
            let moved = await Mover(
                plan: fresh, operations: operations, events: events.on(cluster: plan.cluster.name)
            )
            .move {
                interrupt.isRequested || lost.isRequested
            }
            report.outcome = moved.outcome
            report.fates.merge(moved.fates) { $1 }
            report.notes += moved.notes
            report.notes += await operations.look(plan.cluster).ownerNotes(of: plan.cluster, awaiting: [])
            return report
        }
    }
}

extension SwitchoverPlan {
    var failedPreconditions: [String] {
        preconditions.filter { !$0.holds }.map { "not so: \($0.what) (\($0.evidence))" }
    }
}
