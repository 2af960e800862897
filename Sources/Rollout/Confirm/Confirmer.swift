import Events
import Facts
import Inventory
import Remote

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
        let (states, errors) = await states(by: operations)
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

    /// What has become of the change on each node. Each is asked over a new login: once the rollbacks are cancelled, logging in
    /// is the only way to repair a node.
    private func states(by operations: NodeOperations) async -> ([HostID: String], [RemoteError]) {
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
        await operations.finish(chosen, report.end)
        return report
    }
}
