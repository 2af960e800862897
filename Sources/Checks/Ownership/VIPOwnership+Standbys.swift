import Facts
import Keepalived
package import Remote

extension VIPOwnership {
    /// A node that is to take an address over when its owner fails.
    package struct Standby: Hashable, Sendable {
        package var node: HostID
        /// Why it could not take over; `nil` when nothing is known to be in the way.
        package var obstacle: String?
        /// What makes it a weaker one: "priority 40 of 100".
        package var weakness: String?
    }

    /// The other nodes of an address that one node owns. Nodes whose keepalived does not know of it are none.
    package var standbys: [Standby] {
        guard let owner = trueOwner else { return [] }
        return nodes.filter { $0.node != owner && !$0.isUnknownToDaemon }.map { view in
            let weakness = view.priority.flatMap { priority in
                view.basePriority.flatMap { base in priority < base ? "priority \(priority) of \(base)" : nil
                }
            }
            return Standby(node: view.node, obstacle: obstacle(of: view), weakness: weakness)
        }
    }

    /// How long its owner has been MASTER, in seconds.
    package var ownedFor: Int? { nodes.first { $0.node == trueOwner }?.age }

    private func obstacle(of view: NodeView) -> String? {
        if !view.isReachable { return "it did not answer" }
        if view.daemonRuns == false { return "keepalived does not run" }
        if view.claim == .fault { return "it is in FAULT" }
        // What it hears of the others, where it asked for the address.
        guard let asked = answers.first(where: { $0.observer == view.node }) else { return nil }
        if asked.probe.isCut { return "\(asked.probe.interface ?? "its interface") has no carrier" }
        if !asked.isAnswered, asked.hearsSomebody == false, askers.contains(where: \.isAnswered) {
            return
                "it is cut off: it hears nobody on \(asked.probe.interface ?? "its interface"), and others do"
        }
        return nil
    }
}
