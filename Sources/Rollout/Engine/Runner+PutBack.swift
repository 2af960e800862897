import Addresses
import Events
import Inventory
import Remote

/// Rolls nodes back to their old files, by command or by their scheduled rollback.
extension Runner {
    private static let revertParts: [NodeScript.Part] = [.files, .services, .arming, .aside, .revert]

    /// - `view`: the cluster as it is now, for a rollback that happens at once: a node does not step aside where no healthy peer
    ///   would take over.
    private func revertValues(
        _ plan: NodePlan, claim: String, isShared: Bool, view: ClusterView? = nil
    ) -> [(name: String, value: String)] {
        let cluster = self.plan.cluster
        let aside = cluster.stepsAside(plan.node.id).filter { aside in
            guard let view else { return true }
            let instance = cluster.keepalived?.instances.first { $0.name == aside.instance }
            return instance.flatMap { view.successor(of: $0, leaving: plan.node.id, in: cluster) } != nil
        }
        return [
            ("CLAIM", claim), ("SHARED", isShared ? "yes" : "no"),
            ("HAPROXY_ACTION", plan.haproxy.rawValue), ("KEEPALIVED_ACTION", plan.keepalived.rawValue),
            ("VIPS", cluster.virtualAddresses.map(\.vip.cidr.address.description).joined(separator: " ")),
            ("ASIDE", aside.map { "\($0.instance) \($0.number)\n" }.joined()),
            ("ASIDE_WAIT", RolloutTiming.seconds(timing.aside)),
        ]
    }

    /// The script of the automatic rollback, which the node runs when the time is up or when it boots.
    func revertScript(_ plan: NodePlan) -> String {
        NodeScript(context, Self.revertParts, revertValues(plan, claim: "timer", isShared: false)).text
    }

    func restore(_ id: HostID) async -> RolloutState.Event {
        let plan = plan(of: id)
        let view = await operations.look(self.plan.cluster)
        let isShared = view.sharesAddresses(of: id, in: self.plan.cluster)
        var said: [String] = []
        let event = await operations.insist(
            plan.node, Self.revertParts, revertValues(plan, claim: "haops", isShared: isShared, view: view),
            "restore the old files", timeout: timing.change + timing.aside
        ) { said = $0 }
        note(said, on: plan.node)
        if event.isSuccess { maybeConfirmed.remove(id) }
        if case .unreachable = event { noteUnconfirmed(plan.node) }
        if case .unknown = event { noteUnconfirmed(plan.node) }
        return event
    }

    /// Notes what happens to a node that cannot be reached for a rollback.
    private func noteUnconfirmed(_ node: Node) {
        let said =
            maybeConfirmed.contains(node.id)
            ? "`\(node.id)`: its change may be confirmed, and then it stays in force: "
                + "once the node can be reached, run the same again, or haops rollback"
            : "`\(node.id)`: its change is not confirmed: "
                + "it rolls back automatically when the time is up, or at its next boot"
        if !notes.contains(said) { notes.append(said) }
    }

    /// Postpones the rollbacks of nodes that have passed their gates, the last one's least.
    ///
    /// - `nodes`: in the order of their change.
    func extend(_ nodes: [HostID]) async -> RolloutState.Event {
        let turns = turns(ofGoingBack: nodes)
        extended.formUnion(nodes)
        return .each(
            await onEach(nodes, .extend, isReported: false) { [timing, operations] plan in
                await operations.insist(
                    plan.node, [.arming, .extend],
                    [("AFTER", RolloutTiming.seconds(timing.kept(turns[plan.node.id] ?? 1)))],
                    "postpone its automatic rollback")
            })
    }

    /// Keeps the rollbacks of all changed nodes scheduled until a person confirms the change.
    ///
    /// - `nodes`: in the order of their change.
    func hold(_ nodes: [HostID]) async -> RolloutState.Event {
        let turns = turns(ofGoingBack: nodes)
        let patience = plan.confirmWithin ?? .zero
        let event = RolloutState.Event.each(
            await onEach(nodes, .hold) { [timing, operations] plan in
                let after = timing.held(patience, turns[plan.node.id] ?? 1)
                return await operations.insist(
                    plan.node, [.arming, .hold], [("AFTER", RolloutTiming.seconds(after))],
                    "keep its automatic rollback scheduled", anew: true)
            })
        isHeld = event.isSuccess
        return event
    }

    /// In which turn each node goes back: 1 is the one that was changed last. Nodes that were changed at the same time go
    /// back at the same time.
    ///
    /// - `nodes`: in the order of their change.
    private func turns(ofGoingBack nodes: [HostID]) -> [HostID: Int] {
        var turns = Dictionary(nodes.reversed().enumerated().map { ($1, $0 + 1) }) { first, _ in first }
        let together = nodes.filter(Set(plan.together).contains)
        let last = together.compactMap { turns[$0] }.max()
        for node in together { turns[node] = last }
        return turns
    }

    /// Stops the keepalived of a rolled-back node that still claims addresses which another node owned before the run
    /// and owns now. The node does not hear that owner; stopping it ends the split-brain that this run has caused.
    func standDown(_ id: HostID, after event: RolloutState.Event) async -> RolloutState.Event {
        let view = await operations.look(plan.cluster)
        let rivals = Set(
            view.owned(by: id, in: plan.cluster).compactMap { instance -> HostID? in
                guard let before = owners[instance.name], before != id,
                    view.owned(by: before, in: plan.cluster).contains(where: { $0.name == instance.name })
                else { return nil }
                return before
            })
        guard !rivals.isEmpty else { return event }
        let stopped = await reporting(id, .standDown) {
            await operations.insist(
                plan(of: id).node, [.services, .fix], [("STOP", "yes"), ("START", "no"), ("CLEAR", "")],
                "stop its keepalived")
        }
        let what =
            stopped.isSuccess
            ? "`\(id)`: its keepalived is stopped: it does not hear \(rivals.sorted().listed), and claimed the same addresses\nhint: haops doctor names the cause; start it once that is fixed"
            : "`\(id)`: claims the same addresses as \(rivals.sorted().listed), and its keepalived could not be stopped"
        return .failed(event.reasons + [what] + stopped.reasons)
    }

    /// Rolls a node back, or waits until it has rolled back automatically.
    func restoreInTheEnd(_ id: HostID) async -> RolloutState.Event {
        switch await restore(id) {
        case .unreachable, .unknown: await awaitRevert(id)
        case let event: event
        }
    }

    func awaitRevert(_ id: HostID) async -> RolloutState.Event {
        let longest = timing.kept(plan.nodes.count) + timing.goBack
        let deadline = clock.deadline(
            after: extended.contains(id) ? longest : timing.revertAfter + timing.goBack)
        var lastEvent = RolloutState.Event.failed([])
        events.emit(
            .restore, .waits, node: id,
            "it: it rolls back automatically within \(timing.revertAfter.brief) of the change; at most \(deadline.remaining.brief)"
        )
        repeat {
            // If the node can be reached again before the time is up, it is rolled back at once.
            lastEvent = await restore(id)
            if case .succeeded = lastEvent { return .succeeded }
            if case .failed = lastEvent { return lastEvent }
            try? await clock.sleep(for: .seconds(2))
        } while !deadline.hasPassed()
        return lastEvent
    }
}

extension ClusterView {
    /// Whether another node claims or holds an address that this node claims or holds.
    func sharesAddresses(of node: HostID, in cluster: Cluster) -> Bool {
        let others = nodes.keys.filter { $0 != node }.flatMap { owned(by: $0, in: cluster) }.map(\.name)
        return owned(by: node, in: cluster).contains { others.contains($0.name) }
    }
}

extension Cluster {
    /// The number to add to each of a node's priorities so that a healthy peer takes over, and a peer with a failing
    /// check does not.
    ///
    /// Empty with nopreempt, where no BACKUP takes over from a living MASTER.
    func stepsAside(_ node: HostID) -> [(instance: String, number: Int)] {
        guard let keepalived, keepalived.preempt else { return [] }
        return keepalived.instances.compactMap { instance in
            func healthy(_ base: Int) -> Int? { keepalived.healthyPriority(of: instance, base: base) }
            guard let own = instance.priorities[node].flatMap(healthy),
                let best = instance.priorities.filter({ $0.key != node }).values.max().flatMap(healthy)
            else { return nil }
            // -254 would be FAULT.
            return (instance.name, max(-253, min(0, best - 1 - own)))
        }
    }
}
