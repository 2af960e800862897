import Facts
import Keepalived

/// The packet filter drops adverts.
///
/// - Condition: The packet filter drops by default, and no rule accepts protocol 112 of the instance's family (51 for
///   `auth_type AH`); or it drops outgoing adverts.
/// - Why: The node receives no adverts and becomes MASTER: two nodes hold the address.
/// - Remedy: Accept VRRP from the peers.
struct FirewallVRRP: NodeRule {
    static let id = "fw-vrrp"

    func check(_ node: LintNode) -> [Finding] {
        node.instances.compactMap { instance in
            guard let firewall = node.facts?.firewalls[instance.name] else { return nil }
            let isIPv6 = instance.family == .ipv6
            let place = instance.interface?.location ?? instance.location
            let isAH = instance.authentication?.value.kind == .header
            let number = isAH ? 51 : FilteredPacket.vrrpProtocol
            if case .dropped(let obstacle) = firewall.output {
                return node.finding(
                    Self.id, .error, at: place, "\(instance.name): the packet filter drops outgoing adverts",
                    effect: "peers receive no adverts and become MASTER too (`Operation not permitted`)",
                    fix: obstacle.acceptance(ofProtocol: number) + ", permanently",
                    evidence: [Evidence(.kernel, obstacle.words)])
            }
            guard case .dropped(let obstacle) = firewall.input else { return nil }
            return node.finding(
                Self.id, .error, at: place,
                "\(instance.name): the packet filter does not accept \(isAH ? "protocol 51 (AH)" : "VRRP") over \(isIPv6 ? "IPv6" : "IPv4")",
                effect: "the node receives no adverts and becomes MASTER: two nodes hold the address",
                fix: obstacle.acceptance(ofProtocol: number) + ", permanently",
                evidence: [Evidence(.kernel, obstacle.words)])
        }
    }
}
