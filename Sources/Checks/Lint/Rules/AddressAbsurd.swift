import Addresses
import Keepalived

/// An address that no machine can hold.
///
/// - Condition: A virtual address, a unicast peer or a source address is null, a loopback or multicast address, or the
///   network or broadcast address of its own prefix.
/// - Why: keepalived accepts it without a message. The kernel refuses the address or nobody can reach it, and adverts
///   to or from it do not arrive.
/// - Remedy: Correct the address or its prefix.
struct AddressAbsurd: NodeRule {
    static let id = "address-absurd"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.flatMap { instance in
            let virtual = instance.allAddresses.compactMap { address -> Finding? in
                let length = address.peer == nil ? address.prefixLength : address.address.bitWidth
                guard let kind = kind(of: address.address, length) else { return nil }
                return node.finding(
                    Self.id, .error, at: address.location,
                    "\(instance.name): \(address.address)\(kind.words)",
                    effect: kind.isOfNetwork
                        ? "hosts in that network do not use it as the address of a machine"
                        : "no machine can serve it",
                    fix: kind.isOfNetwork ? "correct the address or its prefix" : "correct the address")
            }
            let ends =
                instance.unicastPeers.map { ("peer", $0.address, $0.location) }
                + [instance.sourceAddress].compactMap { setting in
                    setting.map { ("source", $0.value, $0.location ?? instance.location) }
                }
            return virtual
                + ends.compactMap { role, address, place in
                    guard let kind = kind(of: address, address.bitWidth) else { return nil }
                    return node.finding(
                        Self.id, .error, at: place, "\(instance.name): the \(role) \(address)\(kind.words)",
                        effect: role == "peer"
                            ? "no peer gets these adverts" : "adverts cannot be sent from it",
                        fix: "write \(role == "peer" ? "the other" : "this") node's own address")
                }
        }
    }

    private struct Kind {
        var words: String
        /// Whether it depends on the prefix.
        var isOfNetwork = false
    }

    private func kind(of address: IPAddress, _ length: Int) -> Kind? {
        switch address {
        case .v4(let value):
            switch value >> 24 {
            case 0: return Kind(words: " is not the address of a machine (0.0.0.0/8)")
            case 127: return Kind(words: " is a loopback address")
            case 224...239: return Kind(words: " is a multicast address")
            case 240...255 where value == .max: return Kind(words: " is the broadcast address")
            default: break
            }
            guard (1...30).contains(length) else { return nil }
            let host = value & (UInt32.max >> UInt32(length))
            if host == 0 {
                return Kind(words: " is the address of its network /\(length)", isOfNetwork: true)
            }
            if host == UInt32.max >> UInt32(length) {
                return Kind(words: " is the broadcast address of its network /\(length)", isOfNetwork: true)
            }
        case .v6(let high, let low):
            if high == 0, low == 0 { return Kind(words: " is not the address of a machine (::)") }
            if high == 0, low == 1 { return Kind(words: " is the loopback address") }
            if high >> 56 == 0xFF { return Kind(words: " is a multicast address") }
        }
        return nil
    }
}
