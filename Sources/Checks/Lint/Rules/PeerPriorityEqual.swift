import Keepalived

/// Two nodes with the same priority.
///
/// - Condition: Two members of a cluster have the same priority while all checks pass.
/// - Why: No node is preferred: the one that starts first serves, and when both start at once the higher source
///   address wins. With equal source addresses both stay MASTER.
/// - Remedy: Give each node a different priority.
struct PeerPriorityEqual: PeerRule {
    static let id = "x-prio-equal"

    func check(_ peers: Peers) -> [Finding] {
        var findings: [Finding] = []
        for (index, first) in peers.members.enumerated() {
            for second in peers.members[(index + 1)...] {
                guard let priority = first.priority, priority == second.priority else { continue }
                findings.append(
                    peers.finding(
                        Self.id, .warning, [first, second], at: { $0.priority.location },
                        "\(first.instance.name): \(first.node.name) and \(second.node.name) both have priority \(priority)",
                        effect:
                            "no node is designated: the higher source address wins when both start at once",
                        fix: "give each node a different priority"))
            }
        }
        return findings
    }
}
