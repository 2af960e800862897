package import Addresses
package import Inventory
package import Remote

/// What ends a split-brain, clears leftovers, or corrects what others believe; and why it may not be done yet.
package struct FixPlan: Sendable {
    package enum Action: Hashable, Sendable {
        /// Stop keepalived, wait until its addresses are gone, start it again. The reason says why this node.
        case giveWay(HostID, addresses: [Address], reason: String)
        /// Remove exactly these addresses, which no living daemon of the node stands for; start keepalived there
        /// when it should run.
        case clear(HostID, addresses: [Address], starts: Bool, reason: String)
        case start(HostID, reason: String)
        case restart(HostID, reason: String)
        /// Announce an instance's addresses by gratuitous ARP from their true owner: this node, unless another has
        /// taken them over by then.
        case announce(HostID, instance: String, addresses: [Address], reason: String)

        package var node: HostID {
            switch self {
            case .giveWay(let node, _, _), .clear(let node, _, _, _), .start(let node, _),
                .restart(let node, _),
                .announce(let node, _, _, _):
                node
            }
        }
    }

    /// An address where it stands.
    package struct Address: Hashable, Sendable {
        package var cidr: CIDR
        package var interface: String

        package init(cidr: CIDR, interface: String) {
            self.cidr = cidr
            self.interface = interface
        }
    }

    package var cluster: Cluster
    /// What is wrong, a verdict and its reason each.
    package var findings: [String]
    /// In order.
    package var actions: [Action]
    /// Why the fight would begin anew: while there is any, nothing is done unless the operator insists.
    package var causes: [String]
    package var unreachable: [HostID: RemoteError]

    package var isEmpty: Bool { findings.isEmpty }
}
