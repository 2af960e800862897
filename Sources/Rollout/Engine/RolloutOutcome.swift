package import Remote

/// How a run ended, and what is and is not done on each node.
package struct RolloutReport: Sendable {
    package var outcome: RolloutOutcome
    /// Every node of the cluster.
    package var fates: [HostID: NodeFate]
    /// Worth saying at the end: what was left in place and why, what to look at.
    package var notes: [String]
    /// What is wrong still, and what its operator has to do about it.
    package var left: [String] = []

    package init(outcome: RolloutOutcome, fates: [HostID: NodeFate] = [:], notes: [String] = []) {
        self.outcome = outcome
        self.fates = fates
        self.notes = notes
    }
}

/// The end of a run; each case has its exit code in design section 2.
package enum RolloutOutcome: Hashable, Sendable {
    /// Everything was as it should be.
    case nothingToDo
    case done
    /// A gate said no and nothing was changed. The reasons, all of them.
    case refused([String])
    /// Work was begun and a deviation stopped it; the fates say what stands.
    case failed([String])
    /// Nodes could not be reached, so nothing was begun.
    case unreachable([RemoteError])
    /// A changing command was sent and nobody knows what it did.
    case unknown([String])
    /// The operator interrupted it; the node under way was finished or put back.
    case interrupted
    /// Its turn did not come, because a cluster before it stopped the work.
    case notBegun

    package var exitCode: Int32 {
        switch self {
        case .nothingToDo, .done, .notBegun: 0
        case .failed: 1
        case .refused: 3
        case .unreachable: 4
        case .unknown: 6
        case .interrupted: 130
        }
    }
}

extension RolloutOutcome {
    package var reasons: [String] {
        switch self {
        case .refused(let reasons), .failed(let reasons), .unknown(let reasons): reasons
        case .unreachable(let errors):
            errors.map { error in
                error.description + (error.hint.map { "\n\($0)" } ?? "")
            }
        case .nothingToDo, .done, .interrupted, .notBegun: []
        }
    }

    /// The same with more to say; what went well, or was to be stopped, has failed then.
    func adding(_ more: [String]) -> RolloutOutcome {
        if case .unknown(let reasons) = self { .unknown(reasons + more) } else { .failed(reasons + more) }
    }
}

/// What a run made of one node.
package enum NodeFate: Hashable, Sendable {
    /// Nothing was to be done.
    case alreadyRight
    case untouched
    /// The new set is in force and the gates have passed.
    case changed
    /// The old set is in force again.
    case restored
    /// The old set is in force again, and a gate behind it has not passed.
    case unproven(String)
    /// It could not be put back.
    case broken(String)
    /// Nobody knows; the armed revert is due after so many seconds from the loss.
    case unknown(String)
}
