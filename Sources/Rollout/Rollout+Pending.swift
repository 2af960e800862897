import Events
package import Facts
package import Inventory
package import Remote

/// What earlier runs of haops have pending on a cluster's nodes; every verb considers it before it draws conclusions.
extension Rollout {
    /// Asks every node for pending work. Changes nothing.
    package func pending(
        on cluster: Cluster
    ) async -> (work: [HostID: PendingWork], unreachable: [HostID: RemoteError]) {
        let transport = transport
        let answers = await fanOut(over: cluster.nodes.map(\.target), window: 64) { target in
            await transport.facts(of: target, Probe(.pending))
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

    /// Asks until no step of a dead run is still running on any node, because no plan can be made on what such a step
    /// still changes.
    ///
    /// A step continues after its run's connection is cut, and ends by itself. This function waits for the longest
    /// time that a step may take and then returns the current answers; a planner refuses to plan on them.
    ///
    /// - Parameters:
    /// - cluster: The cluster whose nodes are asked.
    /// - ask: Asks the whole question.
    /// - pending: Reads each node's pending work from the answers.
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

    /// Ends a run that has nothing to do. It is refused while another run is at work, or while a node has a scheduled
    /// rollback.
    package func nothingToDo(on cluster: Cluster) async -> RolloutReport {
        let (work, unreachable) = await pending(on: cluster)
        guard unreachable.isEmpty else {
            return .unreachable(unreachable)
        }
        let reasons = Self.reasonsToWait(work)
        return RolloutReport(outcome: reasons.isEmpty ? .nothingToDo : .refused(reasons))
    }

    /// Why a run that holds the cluster's lock must not move addresses now.
    func reasonsToWaitUnderLock(_ cluster: Cluster) async -> [String] {
        Self.reasonsToWait(
            await pending(on: cluster).work.mapValues {
                PendingWork(rollback: $0.rollback, step: $0.orphanedStep)
            })
    }

    /// Why pending work prevents moving addresses: a node that rolls back restarts its daemons.
    static func reasonsToWait(_ work: [HostID: PendingWork]) -> [String] {
        work.sorted { $0.key < $1.key }.flatMap { node, pending -> [String] in
            if let lock = pending.lock { return [locked(node, by: lock)] }
            if let step = pending.orphanedStep { return [atWork(node, step)] }
            guard let rollback = pending.rollback else { return [] }
            let hint =
                if rollback.endsDrill { "wait until it has ended" } else if rollback.held != nil {
                    waysOutOfHeldChange
                } else { "haops apply finishes the change, haops rollback takes it back" }
            return pending.sentences.prefix(1).map { "`\(node)`: \($0)\nhint: \(hint)" }
        }
    }

    /// Why nothing can be planned for a node whose change waits for a person.
    static let heldChange = "its last change waits for somebody to confirm it\nhint: \(waysOutOfHeldChange)"

    private static let waysOutOfHeldChange =
        "haops confirm keeps the change, haops confirm --revert takes it back at once"

    /// Why nothing can be planned for a node whose step did not end within the waiting time.
    static func atWork(_ node: HostID, _ run: String) -> String {
        "`\(node)`: a step of run \(String.shown(run)) is still at work there\nhint: wait until it has ended; haops history shows what it does"
    }

    /// Breaks the named locks, at most one per node: their holders change nothing from then on.
    ///
    /// - Returns: by node, why its lock could not be broken.
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
                failures[node.id] = "another run holds it now"
            case .output(let output):
                failures[node.id] = NodeOperations.complaint(node, "break its lock", output)
            case .event(let event): failures[node.id] = event.reasons.joined(separator: "; ")
            }
        }
        return failures
    }
}
