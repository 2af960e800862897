import Remote

/// A node does not answer, so nothing is known of it.
///
/// Condition: no login, or no answer to what decides.
/// Why: it is down, cut off from where haops runs, or refuses the login; it may still serve.
/// Remedy: reach it another way, a console; `haops who` says what the other nodes and observers see.
struct NodeUnreachable: Cause {
    static let id = DoctorID.nodeUnreachable

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.nodes.compactMap { node -> Diagnosis? in
            guard let silence = node.silence else { return nil }
            return Diagnosis(
                // The same words for every node, so that a report says them once.
                Self.id, severity: .warning, nodes: [node.name], "the node does not answer",
                effect: "what it holds, and whether it can take over, is not known",
                fix: "look at the node by its console; then run doctor again",
                evidence: [Evidence(.probe, on: node.name, silence.wordsWithoutPlace)])
        }
    }
}
