import Inventory
import Keepalived
import Remote

/// Moves addresses away from a node before its change, and back afterwards, by handover files.
extension Runner {
    func handOver(_ id: HostID, _ moves: [RolloutState.Move], _ state: RolloutState) async
        -> RolloutState.Event
    {
        for move in moves {
            guard let priorityOverride = priorityOverride(for: move, leaving: id) else {
                return .failed([
                    "`\(move.to)`: cannot be raised above `\(id)`: 254 is the top, and `\(id)` follows no handover file"
                ])
            }
            let before = view.nodes[priorityOverride.node]?.overrides[move.instance] ?? 0
            overridden.append(
                (
                    move,
                    SwitchoverPlan.PriorityOverride(
                        instance: move.instance, node: priorityOverride.node, value: before)
                ))
            let event = await operations.set(
                priorityOverride, in: plan.cluster,
                why: "\(context.what): `\(move.instance)` leaves `\(id)` for a while",
                expires: timing.handover, before: before)
            if case .succeeded = event { continue }
            return event
        }
        return await operations.settle(
            plan.cluster, expecting: state.expected, expectedAbsences: state.expectedAbsences(),
            baseline: state.baseline,
            within: timing.election
        ) { view in
            moves.compactMap { move in
                let role = view.nodes[move.to]?.roles[move.instance]
                return role == .master && view.nodes[id]?.roles[move.instance] != .master
                    ? nil : Problem(node: move.to, "does not take `\(move.instance)` over from `\(id)`")
            }
        }
    }

    /// Raises the successor to one above the highest priority and no more, so that a check that fails on the
    /// successor still counts. If there is no room above, it lowers the owner below the successor instead.
    private func priorityOverride(for move: RolloutState.Move, leaving id: HostID) -> SwitchoverPlan
        .PriorityOverride?
    {
        func priority(_ node: HostID) -> Int {
            let configured = plan.cluster.keepalived?.instances.first { $0.name == move.instance }?
                .priorities[node]
            return view.nodes[node]?.priorities[move.instance] ?? configured ?? 100
        }
        func own(_ node: HostID) -> Int { priority(node) - (view.nodes[node]?.overrides[move.instance] ?? 0) }
        let top = PriorityArithmetic.limits.upperBound
        let highest = view.nodes.keys.map(priority).max() ?? top
        if highest < top {
            return SwitchoverPlan.PriorityOverride(
                instance: move.instance, node: move.to, value: highest + 1 - own(move.to))
        }
        guard view.nodes[id]?.follows.contains(move.instance) == true, priority(move.to) > 1 else {
            return nil
        }
        return SwitchoverPlan.PriorityOverride(
            instance: move.instance, node: id, value: priority(move.to) - 1 - own(id))
    }

    func giveBack(_ id: HostID, _ moves: [RolloutState.Move], _ state: RolloutState) async
        -> RolloutState.Event
    {
        if state.fates[id]?.isBroken == true {
            let view = await operations.look(plan.cluster).excluding(state.expectedAbsences())
            let faults = faults(of: id, in: view, state)
            if !faults.isEmpty {
                await keepHandedOver(moves, from: id, view)
                return .failed(["`\(id)` does not get its addresses back"] + faults)
            }
        }
        var trouble: [String] = []
        for (move, back) in overridden where moves.contains(move) {
            switch await operations.set(
                back, in: plan.cluster, why: "as before \(context.what)", expires: nil)
            {
            case .succeeded, .saw: overridden.removeAll { $0.move == move }
            case let event: trouble += event.reasons
            }
        }
        guard trouble.isEmpty else { return .failed(trouble) }
        let preempts = plan.cluster.keepalived?.preempt ?? true
        let event = await operations.settle(
            plan.cluster, expecting: state.expected, expectedAbsences: state.expectedAbsences(),
            baseline: state.baseline,
            within: timing.election + timing.settle
        ) { view in
            guard preempts else { return [] }
            return moves.compactMap { move in
                let mine = view.nodes[id]?.priorities[move.instance] ?? 0
                let theirs = view.nodes[move.to]?.priorities[move.instance] ?? 0
                let isBack = view.nodes[id]?.roles[move.instance] == .master
                return isBack || mine < theirs
                    ? nil : Problem(node: id, "does not take `\(move.instance)` back from `\(move.to)`")
            }
        }
        guard case .failed(let reasons) = event else { return event }
        return await isRelieved(of: moves, id) ? .failedHalfway(reasons) : event
    }

    /// What is wrong with a node, besides what was wrong before the run.
    private func faults(of id: HostID, in view: ClusterView, _ state: RolloutState) -> [String] {
        if let silence = view.silent[id] { return [silence] }
        return view.serviceProblems(of: plan.cluster, expected: [id])
            .filter { $0.node == id && !state.baseline.contains($0) }.map(\.description)
    }

    /// Lets the overrides of these moves stay: the nodes that took the addresses over go on to serve them.
    private func keepHandedOver(
        _ moves: [RolloutState.Move], from id: HostID, _ view: ClusterView
    ) async {
        for (move, before) in overridden where moves.contains(move) {
            guard let value = view.nodes[before.node]?.overrides[move.instance] else { continue }
            let kept = SwitchoverPlan.PriorityOverride(
                instance: move.instance, node: before.node, value: value)
            let event = await operations.set(
                kept, in: plan.cluster, why: "\(context.what): `\(id)` is broken", expires: nil)
            notes.append(
                event.isSuccess
                    ? "`\(before.node)` keeps `\(move.instance)`; once `\(id)` is well: haops switchover --release"
                    : "`\(before.node)`: its override of `\(move.instance)` ends in \(timing.handover.brief), and `\(id)` may take it back"
            )
        }
    }

    /// Whether a node owns nothing and every instance that it handed over is served by the node that took it.
    private func isRelieved(of moves: [RolloutState.Move], _ id: HostID) async -> Bool {
        let view = await operations.look(plan.cluster)
        return view.nodes[id] != nil && view.owned(by: id, in: plan.cluster).isEmpty
            && moves.allSatisfy { view.nodes[$0.to]?.roles[$0.instance] == .master }
    }
}
