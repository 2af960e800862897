package import Remote

/// How a run ended, and the result on each node.
package struct RolloutReport: Sendable {
    package var outcome: RolloutOutcome
    /// The result on every node of the cluster.
    package var fates: [HostID: NodeFate]
    /// Notes for the end of the run: what was left in place and why, what to look at.
    package var notes: [String]
    /// What is still wrong, and what the operator has to do about it.
    package var left: [String] = []
    /// How long each address was silent meanwhile; empty where nobody could ask.
    package var silences: [MeasuredSilence] = []
    /// How long the changed nodes wait for a person to confirm before they go back; `nil` where nobody has to.
    package var confirmWithin: Duration?
    /// What a drill has measured; `nil` for other runs, and for a drill that broke nothing.
    package var drill: DrillResult?

    package init(outcome: RolloutOutcome, fates: [HostID: NodeFate] = [:], notes: [String] = []) {
        self.outcome = outcome
        self.fates = fates
        self.notes = notes
    }
}

extension RolloutReport {
    /// The report of a run that began nothing, because these nodes could not be reached.
    static func unreachable(_ nodes: [HostID: RemoteError]) -> RolloutReport {
        RolloutReport(outcome: .unreachable(nodes.values.sorted { $0.host < $1.host }))
    }
}

/// The end of a run on one cluster.
package enum RolloutOutcome: Hashable, Sendable {
    /// Everything was as it should be.
    case nothingToDo
    case done
    /// A gate refused, and nothing was changed. Contains all reasons.
    case refused([String])
    /// The run changed something, and a deviation stopped it; the fates give each node's state.
    case failed([String])
    /// Nodes could not be reached, so nothing was begun.
    case unreachable([RemoteError])
    /// The result of a command that changes a node is not known.
    case unknown([String])
    /// The operator interrupted the run; the node in progress was finished or rolled back.
    case interrupted
    /// Not begun, because another cluster's failure stopped the work.
    case notBegun
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

    /// An unknown outcome stays unknown, and any other becomes a failed one, with these reasons added.
    func adding(_ more: [String]) -> RolloutOutcome {
        if case .unknown(let reasons) = self { .unknown(reasons + more) } else { .failed(reasons + more) }
    }
}

/// The result of a run on one node.
package enum NodeFate: Hashable, Sendable {
    /// There was nothing to do.
    case alreadyRight
    case untouched
    /// The new files are in force, and the gates have passed.
    case changed
    /// The work was done, but the gate afterwards has not passed, and nothing puts the node back: a fix only repairs.
    case unverified(String)
    /// The old files are in force again.
    case restored
    /// The old files are in force again, but the gate afterwards has not passed.
    case unproven(String)
    /// The old files could not be restored.
    case broken(String)
    /// Unknown; contains the time within which the scheduled rollback happens.
    case unknown(String)

    /// Whether a change of this run has left the node in a state that has not passed a gate.
    var isBroken: Bool {
        switch self {
        case .unverified, .unproven, .broken: true
        case .alreadyRight, .untouched, .changed, .restored, .unknown: false
        }
    }
}
