import Events
package import Facts
package import Inventory
package import Remote

/// What runs of haops have pending on a cluster's nodes: no verb concludes anything without it.
extension Rollout {
    /// Asks every node. Changes nothing.
    package func pending(
        on cluster: Cluster
    ) async -> (work: [HostID: PendingWork], unreachable: [HostID: RemoteError]) {
        let transport = transport
        let answers = await fanOut(over: cluster.nodes.map(\.target), window: 64) { target in
            await transport.facts(of: target, Probe([PendingFact()]))
        }
        var work: [HostID: PendingWork] = [:]
        var unreachable: [HostID: RemoteError] = [:]
        for (node, answer) in zip(cluster.nodes, answers) {
            switch answer {
            case .success(let facts): work[node.id] = facts.known(PendingFact.self)
            case .failure(let error): unreachable[node.id] = error
            }
        }
        return (work, unreachable)
    }

    /// The end of a run that finds nothing to do: refused while another run is at work, or while a node is about to go
    /// back by itself.
    package func nothingToDo(on cluster: Cluster) async -> RolloutReport {
        let (work, unreachable) = await pending(on: cluster)
        guard unreachable.isEmpty else {
            return RolloutReport(outcome: .unreachable(unreachable.values.sorted { $0.host < $1.host }))
        }
        let reasons = Self.reasonsToWait(work)
        return RolloutReport(outcome: reasons.isEmpty ? .nothingToDo : .refused(reasons))
    }

    /// Why nothing may be moved now, by what is pending: a node that goes back restarts its daemons.
    static func reasonsToWait(_ work: [HostID: PendingWork]) -> [String] {
        work.sorted { $0.key < $1.key }.flatMap { node, pending -> [String] in
            if let lock = pending.lock { return [locked(node, by: lock)] }
            guard pending.rollback != nil else { return [] }
            return pending.sentences.prefix(1).map {
                "`\(node)`: \($0)\nhint: haops apply finishes the change, haops rollback takes it back"
            }
        }
    }

    /// Breaks the locks that are named, one by node: whoever holds them changes nothing more.
    ///
    /// - Returns: by node why its lock still stands, where it does.
    package func unlock(
        _ cluster: Cluster, _ holders: [HostID: LockHolder]
    ) async -> [HostID: String] {
        let context = NodeScript.Context(run: RunID.new().text, who: `operator`.name, what: "unlock")
        let operations = NodeOperations(
            transport: transport, clock: clock, context: context, timing: RolloutTiming(cluster))
        var failures: [HostID: String] = [:]
        for node in cluster.nodes {
            guard let holder = holders[node.id] else { continue }
            switch await operations.ask(node, [.unlock], [("HOLDER", holder.run)], "break its lock") {
            case .output(let output) where output.text.hasPrefix("free"): break
            case .output(let output) where output.text.hasPrefix("other"):
                failures[node.id] = "another run holds it by now"
            case .output(let output):
                failures[node.id] = NodeOperations.complaint(node, "break its lock", output)
            case .event(let event): failures[node.id] = event.reasons.joined(separator: "; ")
            }
        }
        return failures
    }
}
