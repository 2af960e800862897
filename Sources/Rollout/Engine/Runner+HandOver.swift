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
                    "`\(move.to)`: cannot be lifted above `\(id)`: 254 is the top, and `\(id)` follows no handover file"
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
                expires: timing.handover)
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

    /// Whether a node owns nothing and every instance that it handed over is served by the node that took it.
    private func isRelieved(of moves: [RolloutState.Move], _ id: HostID) async -> Bool {
        let view = await operations.look(plan.cluster)
        return view.nodes[id] != nil && view.owned(by: id, in: plan.cluster).isEmpty
            && moves.allSatisfy { view.nodes[$0.to]?.roles[$0.instance] == .master }
    }
}
