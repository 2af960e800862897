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

    /// Asks until no step of a dead run is at work on any node: what such a step still changes cannot be planned on.
    ///
    /// A step goes on when its run's connection is cut, and ends by itself. It is waited for as long as the longest may
    /// take; then the answers are what they are, and whoever plans on them refuses.
    ///
    /// - Parameters:
    ///   - cluster: Whose nodes are asked.
    ///   - ask: The whole question.
    ///   - pending: What its answers say that each node has pending.
    /// - Returns: The last answers.
    /// - Throws: `InterruptedQuestion`, of `ask` and when the run is interrupted between two questions.
    func onceStepsHaveEnded<Answers>(
        on cluster: Cluster, _ ask: () async throws(InterruptedQuestion) -> Answers,
        pending: (Answers) -> [(HostID, PendingWork?)]
    ) async throws(InterruptedQuestion) -> Answers {
        let longest = RolloutTiming(cluster).install
        let pause = Duration.seconds(1)
        var waited = Duration.zero
        var answers = try await ask()
        var waitedFor: [HostID] = []
        while waited < longest {
            let steps = pending(answers).compactMap { node, work in work?.orphanedStep.map { (node, $0) } }
            guard !steps.isEmpty else { break }
            for (node, run) in steps where !waitedFor.contains(node) {
                waitedFor.append(node)
                events.on(cluster: cluster.name).emit(
                    .ask, .waits, node: node,
                    "the end of the step of \(String.shown(run)) that is at work there")
            }
            do {
                try await clock.sleep(for: pause)
            } catch {
                throw InterruptedQuestion(unanswered: steps.map(\.0))
            }
            waited += pause
            answers = try await ask()
        }
        return answers
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
            if let step = pending.orphanedStep { return [atWork(node, step)] }
            guard pending.rollback != nil else { return [] }
            return pending.sentences.prefix(1).map {
                "`\(node)`: \($0)\nhint: haops apply finishes the change, haops rollback takes it back"
            }
        }
    }

    /// Why nothing can be planned for a node whose step has not ended in all the time that was waited.
    static func atWork(_ node: HostID, _ run: String) -> String {
        "`\(node)`: a step of run \(String.shown(run)) is still at work there\nhint: wait until it has ended; haops history shows what it does"
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
