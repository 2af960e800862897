import Addresses
import Facts
import Remote

extension ClusterObservation {
    /// The last answer of a node or an observer.
    func facts(of host: HostID) -> HostFacts? {
        nodes.first { $0.id == host }?.after ?? observers.first { $0.0 == host }.flatMap { try? $0.1.get() }
    }

    /// An address that is owned and dark, with its owner and the interface that carries it, for each that nothing has
    /// explained.
    var darkAddresses: [(ownership: VIPOwnership, owner: DoctorNode, interface: Interface)] {
        after.compactMap { ownership in
            guard unexplained.contains(.dark(ownership.vip)),
                let owner = nodes.first(where: { $0.id == ownership.trueOwner }),
                let interface = owner.after?.interface(holding: ownership.vip)
            else { return nil }
            return (ownership, owner, interface)
        }
    }

    /// Whether a node owns an address on an interface that has no carrier, or where it hears nobody while nobody else is
    /// answered: what it says of others there says nothing of them.
    func isCutOff(_ node: DoctorNode) -> Bool {
        after.contains { ownership in
            guard ownership.answer == .dark, ownership.trueOwner == node.id else { return false }
            let hears = ownership.answers.first(where: \.isOwner)?.hearsSomebody
            return hears == false || node.after?.interface(holding: ownership.vip)?.hasCarrier == false
        }
    }
}

extension IPAddress {
    /// How link-layer addresses are asked for.
    var resolution: String { isIPv6 ? "neighbour discovery" : "ARP" }
}
