import Facts
import Keepalived

/// The packet filter accepts unicast adverts only as replies.
///
/// - Condition: The instance has unicast peers, and the packet filter drops by default and accepts only established
///   connections.
/// - Why: An advert is accepted only after the node has sent one itself, so each start begins with a short
///   split-brain.
/// - Remedy: Accept VRRP from the peers explicitly.
struct FirewallUnicast: NodeRule {
    static let id = "fw-unicast"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.compactMap { instance in
            guard case .onlyReplies(let obstacle)? = node.facts?.firewalls[instance.name]?.input else {
                return nil
            }
            return node.finding(
                Self.id, .warning, at: instance.interface?.location ?? instance.location,
                "\(instance.name): the packet filter accepts unicast adverts only as replies",
                effect: "after each start both nodes are MASTER for a moment",
                fix: "accept protocol 112 from the peers", evidence: [Evidence(.kernel, obstacle.rule)])
        }
    }
}
