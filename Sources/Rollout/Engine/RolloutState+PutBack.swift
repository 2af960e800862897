import Remote

/// Gives addresses back to a node, and rolls nodes back to their old files.
extension RolloutState {
    mutating func afterGiveBack(_ event: Event, _ node: HostID) -> Action {
        let handed = moves
        (moves, movesFrom) = ([], nil)
        if case .succeeded = event {
            guard case .done = summary else { return unconfirmed.isEmpty ? then(.clean) : confirmAll() }
            return isLast ? confirmAll() : then(.look)
        }
        let trouble =
            [
                "`\(node)`: the handover could not be undone, see `haops status`: \(handed.map { "`\($0.instance)` at `\($0.to)`" }.joined(separator: ", "))"
            ]
            + event.reasons
        switch summary {
        case .done:
            summary = .failed(trouble)
            // The node did not take its addresses back, and another node serves them. It is rolled back, and the gate
            // after that decides about the other nodes.
            if case .failedHalfway = event, let index = unconfirmed.firstIndex(of: [node]) {
                unconfirmed.remove(at: index)
                return then(.restore(node))
            }
        case .failed(let reasons), .refused(let reasons): summary = .failed(reasons + trouble)
        case .unreachable(let errors): summary = .failed(errors.map(\.description) + trouble)
        case .unknown(let reasons): summary = .unknown(reasons + trouble)
        case .interrupted, .nothingToDo, .notBegun: summary = .failed(trouble)
        }
        return unconfirmed.isEmpty ? then(.clean) : then(.verifyAll)
    }

    // MARK: The whole cluster

    mutating func afterVerifyAll(_ event: Event) -> Action {
        if event.isSuccess { return confirmAll() }
        summary = summary.adding(event.reasons)
        return restoreAll()
    }

    mutating func confirmAll() -> Action {
        let nodes = unconfirmed.flatMap(\.self)
        if nodes.isEmpty { return end(summary) }
        return then(isHeld ? .hold(nodes) : .confirm(nodes))
    }

    mutating func afterConfirm(_ event: Event) -> Action {
        guard event.isSuccess else {
            // Either all of them stay changed or none.
            summary = summary.adding(event.reasons)
            return restoreAll()
        }
        unconfirmed = []
        return end(summary)
    }

    /// Rolls back every changed node that is not confirmed, the last one first: none of them is proven healthy.
    mutating func restoreAll() -> Action {
        toRestore += unconfirmed.reversed()
        unconfirmed = []
        return restoreNext()
    }

    /// The next action after a node was rolled back, successfully or not.
    private mutating func restoreNext() -> Action {
        if !toRestore.isEmpty {
            let next = toRestore.removeFirst()
            return next.count == 1 ? then(.restore(next[0])) : then(.restoreTogether(next))
        }
        if let from = movesFrom, !moves.isEmpty { return then(.giveBack(from, moves)) }
        return unconfirmed.isEmpty ? then(.clean) : confirmAll()
    }

    // MARK: One node

    mutating func afterRestore(_ event: Event, _ node: HostID) -> Action {
        settleFate(of: node, putBack: event)
        switch event {
        case .succeeded, .saw: return then(.verifyRestored(node))
        case .failed, .failedHalfway: return restoreAll()
        case .unreachable, .unknown, .each:
            // The node that took its addresses over serves them: the handover stays as it is and is reported.
            (moves, movesFrom) = ([], nil)
            return restoreAll()
        }
    }

    /// Records the result of rolling a node back, for the node and for the run.
    mutating func settleFate(of node: HostID, putBack event: Event) {
        let why = event.reasons
        switch event {
        case .succeeded, .saw: fates[node] = .restored
        case .failed, .failedHalfway:
            fates[node] = .broken(why.joined(separator: "; "))
            summary = summary.adding(why)
        case .unreachable, .unknown, .each:
            fates[node] = .unknown(why.joined(separator: "; "))
            summary = .unknown(summary.reasons + why)
        }
    }

    mutating func afterVerifyRestored(_ event: Event, _ node: HostID) -> Action {
        if case .succeeded = event { return restoreNext() }
        fates[node] = .unproven(event.reasons.joined(separator: "; "))
        let reasons = event.reasons.map { "after `\(node)` was rolled back: \($0)" }
        summary = summary.adding(reasons.filter { !summary.reasons.contains($0) })
        return restoreAll()
    }
}
