import Addresses
import Events
import Inventory
import Remote

/// Nodes that go back to their old set: told to, or by themselves.
extension Runner {
    private static let revertParts: [NodeScript.Part] = [.files, .services, .arming, .aside, .revert]

    private func revertValues(
        _ plan: NodePlan, claim: String, isShared: Bool
    ) -> [(name: String, value: String)] {
        let cluster = self.plan.cluster
        return [
            ("CLAIM", claim), ("SHARED", isShared ? "yes" : "no"),
            ("HAPROXY_ACTION", plan.haproxy.rawValue), ("KEEPALIVED_ACTION", plan.keepalived.rawValue),
            ("VIPS", cluster.virtualAddresses.map(\.vip.cidr.address.description).joined(separator: " ")),
            ("ASIDE", cluster.stepsAside(plan.node.id).map { "\($0.instance) \($0.number)\n" }.joined()),
            ("ASIDE_WAIT", RolloutTiming.seconds(timing.aside)),
        ]
    }

    /// What a node runs by itself when its time is up, or when it boots.
    func revertScript(_ plan: NodePlan) -> String {
        NodeScript(context, Self.revertParts, revertValues(plan, claim: "timer", isShared: false)).text
    }

    func restore(_ id: HostID) async -> RolloutState.Event {
        let plan = plan(of: id)
        let isShared = await operations.look(self.plan.cluster).sharesAddresses(of: id, in: self.plan.cluster)
        var said: [String] = []
        let event = await operations.insist(
            plan.node, Self.revertParts, revertValues(plan, claim: "haops", isShared: isShared),
            "put the old set back", timeout: timing.change + timing.aside
        ) { said = $0 }
        note(said, on: plan.node)
        if case .unreachable = event { noteUnconfirmed(plan.node) }
        if case .unknown = event { noteUnconfirmed(plan.node) }
        return event
    }

    /// What becomes of a node that cannot be told to go back.
    private func noteUnconfirmed(_ node: Node) {
        let said =
            "`\(node.id)`: nobody has confirmed its change: "
            + "it goes back by itself when its time is up, or at its next boot"
        if !notes.contains(said) { notes.append(said) }
    }

    /// The rollbacks of nodes that have passed their gates are put off, the last one's least.
    ///
    /// - `nodes`: in the order of their change.
    func extend(_ nodes: [HostID]) async -> RolloutState.Event {
        let position = Dictionary(nodes.reversed().enumerated().map { ($1, $0 + 1) }) { first, _ in first }
        extended.formUnion(nodes)
        let together = Set(plan.together)
        let farthest = nodes.filter(together.contains).compactMap { position[$0] }.max()
        return .each(
            await onEach(nodes, .extend, isReported: false) { [timing, operations] plan in
                let id = plan.node.id
                // What was changed at once goes back at once.
                let distance = together.contains(id) ? farthest : position[id]
                return await operations.insist(
                    plan.node, [.arming, .extend],
                    [("AFTER", RolloutTiming.seconds(timing.kept(distance ?? 1)))], "keep its rollback armed")
            })
    }

    /// A node that went back and still claims what another owned before the run, and owns now, does not hear it: its
    /// keepalived is stopped, so that one owner remains of the two that this run has made.
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
                plan(of: id).node, [.services, .mend], [("STOP", "yes"), ("START", "no"), ("CLEAR", "")],
                "stop its keepalived")
        }
        let what =
            stopped.isSuccess
            ? "`\(id)`: its keepalived is stopped: it does not hear \(rivals.sorted().listed), and claimed the same addresses\nhint: haops doctor names the cause; start it when that is mended"
            : "`\(id)`: claims the same addresses as \(rivals.sorted().listed), and its keepalived could not be stopped"
        return .failed(event.reasons + [what] + stopped.reasons)
    }

    /// Puts a node back, or waits until it has done so by itself.
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
        repeat {
            // When it can be reached again before its time is up, it need not wait.
            lastEvent = await restore(id)
            if case .succeeded = lastEvent { return .succeeded }
            if case .failed = lastEvent { return lastEvent }
            events.emit(
                .restore, .waits, node: id,
                "it goes back by itself within \(timing.revertAfter.brief) of the change")
            try? await clock.sleep(for: .seconds(2))
        } while !deadline.hasPassed()
        return lastEvent
    }
}

extension ClusterView {
    /// Whether another node claims or holds what this one does, so that it does not serve alone.
    func sharesAddresses(of node: HostID, in cluster: Cluster) -> Bool {
        let others = nodes.keys.filter { $0 != node }.flatMap { owned(by: $0, in: cluster) }.map(\.name)
        return owned(by: node, in: cluster).contains { others.contains($0.name) }
    }
}

extension Cluster {
    /// What must be added to a node's priorities so that a healthy peer takes over, and one with a failing check does not.
    ///
    /// Empty where nobody takes over from a MASTER that lives: with nopreempt.
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
