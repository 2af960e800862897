import Inventory
package import Remote

/// What a node of a ``ClusterView`` may answer to other questions, and not to this one.
///
/// The node is there, so it is not silent; but nothing is concluded from an answer that it did not give.
package enum NodeQuestion: String, CaseIterable, Sendable {
    case keepalived = "whether keepalived runs"
    case roles = "which role its keepalived has"
    case haproxy = "whether haproxy runs"
    case listeners = "where haproxy listens"
    case handovers = "which handover files its keepalived follows"
}

extension ClusterView {
    /// Every node has answered. Only then may anything be said of the cluster as a whole: nobody, the only one, the
    /// highest.
    package var isComplete: Bool { silent.isEmpty }

    /// Nodes of which nobody knows what role they have: those that did not answer, or not to that.
    package var nodesOfUnknownRole: Set<HostID> {
        Set(silent.keys).union(nodes.filter { $0.value.unanswered[.roles] != nil }.keys)
    }

    /// What the nodes could not say, as problems of theirs.
    ///
    /// - `more`: questions that count although gates do not ask them.
    func unansweredProblems(
        of cluster: Cluster, on node: HostID, and more: Set<NodeQuestion> = []
    ) -> [Problem] {
        guard let view = nodes[node] else { return [] }
        return NodeQuestion.allCases.compactMap { question in
            guard let cause = view.unanswered[question], question.concerns(cluster) || more.contains(question)
            else { return nil }
            return Problem(node: node, "cannot say \(question.rawValue): \(cause)")
        }
    }
}

extension NodeQuestion {
    fileprivate func concerns(_ cluster: Cluster) -> Bool {
        switch self {
        case .keepalived, .roles: cluster.keepalived != nil
        case .haproxy, .listeners: cluster.haproxy != nil
        // Without it haops does not hand over, and no more.
        case .handovers: false
        }
    }
}
