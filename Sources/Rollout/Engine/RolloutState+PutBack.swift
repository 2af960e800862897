import Remote

/// Addresses that come back to a node, and nodes that go back to their old set.
extension RolloutState {
    mutating func afterGiveBack(_ event: Event, _ node: HostID) -> Action {
        let handed = moves
        moves = []
        if case .succeeded = event {
            if case .done = summary { return then(.look) }
            return then(.clean)
        }
        let trouble =
            [
                "`\(node)`: the handover could not be taken back, see `haops status`: \(handed.map { "`\($0.instance)` at `\($0.to)`" }.joined(separator: ", "))"
            ]
            + event.reasons
        switch summary {
        case .done:
            summary = .failed(trouble)
            // The node was confirmed good and does not take its addresses, which another serves: it is put back. Where
            // it is not seen that another serves them, putting it back might stop the only one that does.
            if case .failedHalfway = event { return then(.restore(node)) }
        case .failed(let reasons), .refused(let reasons): summary = .failed(reasons + trouble)
        case .unreachable(let errors): summary = .failed(errors.map(\.description) + trouble)
        case .unknown(let reasons): summary = .unknown(reasons + trouble)
        case .interrupted, .nothingToDo, .notBegun: summary = .failed(trouble)
        }
        return then(.clean)
    }

    mutating func afterRestore(_ event: Event, _ node: HostID) -> Action {
        settleFate(of: node, putBack: event)
        switch event {
        case .succeeded, .saw: return then(.verifyRestored(node))
        case .failed, .failedHalfway: return moves.isEmpty ? then(.clean) : then(.giveBack(node, moves))
        // The lifted successor serves: the handover is left as it is, and told of.
        case .unreachable, .unknown, .each: return then(.clean)
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
        if case .succeeded = event {
        } else {
            fates[node] = .unproven(event.reasons.joined(separator: "; "))
            summary = summary.adding(event.reasons.map { "after `\(node)` was put back: \($0)" })
        }
        return moves.isEmpty ? then(.clean) : then(.giveBack(node, moves))
    }
}
