import Events
import Facts
import Remote

extension RolloutOutcome {
    /// One or two words that never change, because events and the nodes' journals contain them.
    package var keyword: String {
        switch self {
        case .nothingToDo: "nothing to do"
        case .done: "done"
        case .refused: "refused"
        case .failed: "failed"
        case .unreachable: "unreachable"
        case .unknown: "unknown"
        case .interrupted: "interrupted"
        case .notBegun: "not begun"
        }
    }

    /// The phase of the event that ends the work on a cluster with this outcome.
    var phase: RunEvent.Phase {
        switch self {
        case .nothingToDo, .done: .ends
        case .failed, .interrupted: .fails
        case .refused, .unreachable, .notBegun: .skipped
        case .unknown: .unknown
        }
    }
}

extension NodeFate {
    /// One or two words that never change, because the nodes' journals contain them.
    var keyword: String {
        switch self {
        case .alreadyRight: "nothing to do"
        case .untouched: "untouched"
        case .changed: "changed"
        case .restored: "restored"
        case .unverified: "unverified"
        case .unproven: "unproven"
        case .broken: "broken"
        case .unknown: "unknown"
        }
    }

    var reason: String? {
        switch self {
        case .unverified(let why), .unproven(let why), .broken(let why), .unknown(let why): why
        case .alreadyRight, .untouched, .changed, .restored: nil
        }
    }
}

extension RolloutReport {
    /// A node's last journal entry of the run, from which `haops history` reads how the run ended.
    func end(on node: HostID) -> RunEnd {
        let fate = fates[node] ?? .untouched
        return RunEnd(
            fate: fate.keyword, outcome: outcome.keyword, why: fate.reason ?? outcome.reasons.first)
    }
}
