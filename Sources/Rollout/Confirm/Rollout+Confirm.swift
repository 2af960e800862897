import Events
import Facts
package import Inventory
import Remote

/// Keeps a change that waits for a person. To take it back is a rollback, see ``planRollback(of:before:secrets:)``.
extension Rollout {
    /// Asks what waits on a cluster's nodes. Changes nothing.
    package func planConfirm(of cluster: Cluster) async -> ConfirmPlan {
        let (work, unreachable) = await pending(on: cluster)
        return ConfirmPlan(cluster: cluster, pending: work, unreachable: unreachable)
    }

    /// Confirms what waits, on all nodes or on none: under the lock, behind a gate, over a new login to each node.
    ///
    /// - `acceptsProblems`: confirms although the cluster has problems.
    package func carryOut(
        _ plan: ConfirmPlan, timing: RolloutTiming? = nil, interrupt: Interrupt = Interrupt(),
        acceptsProblems: Bool = false
    ) async -> RolloutReport {
        guard plan.unreachable.isEmpty else {
            return RolloutReport(outcome: .unreachable(plan.unreachable.values.sorted { $0.host < $1.host }))
        }
        guard plan.obstacles.isEmpty else { return RolloutReport(outcome: .refused(plan.obstacles)) }
        guard !plan.changes.isEmpty else { return RolloutReport(outcome: .nothingToDo) }
        return await locked(plan.cluster, "confirm") { context, lost in
            let fresh = await planConfirm(of: plan.cluster)
            guard fresh.unreachable.isEmpty else {
                return RolloutReport(
                    outcome: .unreachable(fresh.unreachable.values.sorted { $0.host < $1.host }))
            }
            guard fresh.changes.map(\.run) == plan.changes.map(\.run),
                fresh.changes.map(\.nodes) == plan.changes.map(\.nodes)
            else {
                return RolloutReport(
                    outcome: .refused(["the nodes have changed since they were asked: ask again"]))
            }
            let operations = NodeOperations(
                transport: transport, clock: clock, context: context,
                timing: timing ?? RolloutTiming(plan.cluster))
            let confirmer = Confirmer(
                cluster: plan.cluster, operations: operations, events: events.on(cluster: plan.cluster.name))
            var report = RolloutReport(outcome: .nothingToDo)
            for change in fresh.changes {
                if interrupt.isRequested || lost.isRequested {
                    return RolloutReport(outcome: .interrupted)
                }
                report = await confirmer.confirm(change, acceptsProblems: acceptsProblems)
                guard report.outcome == .done else { break }
            }
            return report
        }
    }
}

/// Confirms one change on the nodes of a cluster whose lock is held.
struct Confirmer: Sendable {
    var cluster: Cluster
    var operations: NodeOperations
    var events: EventEmitter

    func confirm(_ change: ConfirmPlan.Change, acceptsProblems: Bool) async -> RolloutReport {
        let untouched = Dictionary(cluster.nodes.map { ($0.id, NodeFate.untouched) }) { $1 }
        // The journal and the schedule of the change are its run's.
        var operations = operations
        operations.context.run = change.run
        operations.context.what = change.held.what
        let (states, errors) = await becomeOf(operations)
        guard errors.isEmpty else {
            return RolloutReport(outcome: .unreachable(errors.sorted { $0.host < $1.host }), fates: untouched)
        }
        let gone = states.filter { $0.value == "gone" }.keys.sorted()
        guard gone.isEmpty else {
            return RolloutReport(
                outcome: .refused([
                    "\(gone.map { "`\($0)`" }.joined(separator: ", ")): rolled back already, so that the nodes differ\nhint: haops confirm --revert takes the others back too; then apply again"
                ]), fates: untouched)
        }
        if !acceptsProblems {
            let gate = events.begin(.verify)
            let verdict = await operations.settle(
                cluster, within: operations.timing.settle + operations.timing.elected,
                waiting: { events.emit(.verify, .waits, $0) })
            guard verdict.isSuccess else {
                gate.fails(verdict.reasons.joined(separator: "; "))
                let hint =
                    "hint: mend that first, or haops confirm --revert takes the change back; "
                    + "--accept-problems confirms it all the same"
                return RolloutReport(outcome: .refused(withHint(verdict.reasons, hint)), fates: untouched)
            }
            gate.ends()
        }
        return await confirm(on: change.nodes, operations)
    }

    private func withHint(_ reasons: [String], _ hint: String) -> [String] {
        reasons.dropLast() + reasons.suffix(1).map { "\($0)\n\(hint)" }
    }

    /// What each node says of the change, each over a new login, because behind the confirmation only a login can mend
    /// what it has broken.
    private func becomeOf(_ operations: NodeOperations) async -> ([HostID: String], [RemoteError]) {
        let answers = await concurrently(cluster.nodes, window: 64) { node in
            await operations.ask(
                node, [.held], [], "say what has become of the change", changes: false, anew: true)
        }
        var states: [HostID: String] = [:]
        var errors: [RemoteError] = []
        for (node, answer) in zip(cluster.nodes, answers) {
            switch answer {
            case .output(let output):
                states[node.id] = String(output.text.prefix { !$0.isNewline })
            case .event(.unreachable(let some)): errors += some
            case .event(.unknown(let error)): errors.append(error)
            case .event: break
            }
        }
        return (states, errors)
    }

    private func confirm(on nodes: [HostID], _ operations: NodeOperations) async -> RolloutReport {
        let chosen = cluster.nodes.filter { nodes.contains($0.id) }
        let results = await concurrently(chosen, window: 64) { node in
            let step = events.begin(.confirm, node: node.id)
            let event = await operations.insist(
                node, [.files, .arming, .confirm], [], "confirm the change", anew: true)
            if event.isSuccess { step.ends() } else { step.fails(event.reasons.joined(separator: "; ")) }
            return event
        }
        var report = RolloutReport(outcome: .done)
        for node in cluster.nodes { report.fates[node.id] = .alreadyRight }
        var reasons: [String] = []
        var isUnknown = false
        for (node, event) in zip(chosen, results) {
            if event.isSuccess {
                report.fates[node.id] = .changed
            } else {
                reasons += event.reasons
                isUnknown = isUnknown || event.mayHaveSucceeded
                report.fates[node.id] = .unknown(event.reasons.joined(separator: "; "))
            }
        }
        if !reasons.isEmpty {
            let hint =
                "hint: what is not confirmed rolls back when its time is up: run haops confirm again before that; "
                + "haops rollback takes all of it back"
            report.outcome = isUnknown ? .unknown(withHint(reasons, hint)) : .failed(withHint(reasons, hint))
        }
        await operations.finish(cluster.subset(nodes)) { report.end(on: $0) }
        return report
    }
}

extension Cluster {
    /// The same cluster with only these nodes.
    fileprivate func subset(_ nodes: [HostID]) -> Cluster {
        var cluster = self
        cluster.nodes.removeAll { !nodes.contains($0.id) }
        return cluster
    }
}
