import Inventory
import Remote

extension ClusterView {
    /// The owners at the end of a run, a sentence per instance.
    ///
    /// - `returns`: predicted preemptions; those that have not happened yet are mentioned again.
    func ownerNotes(of cluster: Cluster, awaiting returns: [PredictedMove]) -> [String] {
        (cluster.keepalived?.instances ?? []).map { instance in
            guard isComplete else {
                return
                    "the owner of `\(instance.name)` is not known: \(silent.keys.sorted().listed) did not answer"
            }
            guard let owner = owner(of: instance) else {
                return "the owner of `\(instance.name)` is not clear: see haops who"
            }
            let pending = returns.first { move in
                move.instance == instance.name && move.means == .preempt && move.from == owner
                    && move.delay != nil
            }
            let next = pending?.to.map { "; `\($0)` has the higher priority and takes it by itself" } ?? ""
            return "`\(instance.name)` is owned by `\(owner)`" + next
        }
    }
}

extension NodeFate {
    /// Whether something was done on the node, or may have been.
    var isTouched: Bool {
        switch self {
        case .alreadyRight, .untouched: false
        case .changed, .unverified, .restored, .unproven, .broken, .unknown: true
        }
    }
}
