import Keepalived

/// An instance that one node alone has.
///
/// - Condition: Several nodes are compared, and no other node has an instance with the same router id, address or name.
/// - Why: When the node fails, nobody takes over.
/// - Remedy: Configure the instance on a second node.
struct InstanceAlone: ClusterRule {
    static let id = "x-instance-alone"

    func check(_ nodes: [LintNode]) -> [Finding] {
        guard nodes.count > 1, nodes.filter({ !$0.instances.isEmpty }).count > 1 else { return [] }
        return Peers.alone(in: nodes).map { member in
            let others = nodes.map(\.name).filter { $0 != member.node.name }
            return member.node.finding(
                Self.id, .warning, at: member.instance.location,
                "\(member.instance.name) is on \(member.node.name) alone",
                effect: "when \(member.node.name) fails, nobody holds its addresses",
                fix:
                    "configure \(member.instance.name) on \(others.count == 1 ? others[0] : "a second node") too"
            )
        }
    }
}
