import Inventory
import Remote

extension ClusterView {
    /// Who owns what at the end of a run, a sentence per instance.
    ///
    /// - `returns`: what nodes were foretold to take by themselves; where that has not happened yet, it is said again.
    func ownerNotes(of cluster: Cluster, awaiting returns: [PredictedMove]) -> [String] {
        (cluster.keepalived?.instances ?? []).map { instance in
            guard isComplete else {
                return
                    "who owns `\(instance.name)` is not known: \(silent.keys.sorted().listed) did not answer"
            }
            guard let owner = owner(of: instance) else {
                return "who owns `\(instance.name)` cannot be told: haops who"
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
    /// Something was done on the node, or may have been.
    var isTouched: Bool {
        switch self {
        case .alreadyRight, .untouched: false
        case .changed, .restored, .unproven, .broken, .unknown: true
        }
    }
}
