import Remote

/// Addresses that come back to a node, and nodes that go back to their old set.
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
                "`\(node)`: the handover could not be taken back, see `haops status`: \(handed.map { "`\($0.instance)` at `\($0.to)`" }.joined(separator: ", "))"
            ]
            + event.reasons
        switch summary {
        case .done:
            summary = .failed(trouble)
            // It does not take its addresses, which another serves: it is put back, and the gate behind that decides on
            // the others.
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
        return nodes.isEmpty ? end(summary) : then(.confirm(nodes))
    }

    mutating func afterConfirm(_ event: Event) -> Action {
        guard event.isSuccess else {
            // All of them stay changed, or none.
            summary = summary.adding(event.reasons)
            return restoreAll()
        }
        unconfirmed = []
        return end(summary)
    }

    /// Every changed node that is not confirmed goes back, the last one first: none of them is proven well.
    mutating func restoreAll() -> Action {
        toRestore += unconfirmed.reversed()
        unconfirmed = []
        return restoreNext()
    }

    /// What comes after a node has gone back, or has not.
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
            // Whoever took its addresses over serves: the handover is left as it is, and told of.
            (moves, movesFrom) = ([], nil)
            return restoreAll()
        }
    }

    /// What putting a node back has made of it, and of the run.
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
        let reasons = event.reasons.map { "after `\(node)` was put back: \($0)" }
        summary = summary.adding(reasons.filter { !summary.reasons.contains($0) })
        return restoreAll()
    }
}
