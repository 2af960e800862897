import Inventory
package import Remote

/// A question that a node of a ``ClusterView`` may leave unanswered although it answers others.
///
/// Such a node is reachable, but nothing is concluded from the missing answer.
package enum NodeQuestion: String, CaseIterable, Sendable {
    case keepalived = "whether keepalived runs"
    case roles = "which role its keepalived has"
    case haproxy = "whether haproxy runs"
    case listeners = "where haproxy listens"
    case handovers = "which handover files its keepalived follows"
}

extension ClusterView {
    /// Whether every node has answered. Only then can haops say that no node, exactly one node or the highest node of
    /// the cluster has a property.
    package var isComplete: Bool { silent.isEmpty }

    /// Nodes whose role is not known: those that did not answer, or not that question.
    package var nodesOfUnknownRole: Set<HostID> {
        Set(silent.keys).union(nodes.filter { $0.value.unanswered[.roles] != nil }.keys)
    }

    /// The questions that the nodes could not answer, as problems.
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
        // Without an answer, haops only skips the handover.
        case .handovers: false
        }
    }
}
