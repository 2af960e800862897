import Checks
import Facts
import Inventory

/// VRRP is accepted at the head of the chain that drops it, now and after a reboot.
///
/// A rule that names VRRP or the sending machine was written on purpose: fix prints the command that accepts VRRP before
/// it, as doctor does, and changes nothing, exit 3.
struct OpenFirewall: RemediationRule {
    static let causes: Set<DoctorID> = [.firewallInput, .firewallOutput, .conntrackUnicast]

    func remediation(of finding: Finding, in remediationContext: RemediationContext) -> Remediation {
        guard let name = finding.nodes.first, let node = remediationContext.node(named: name),
            let filter = remediationContext.seen(name)?.filter
        else { return .hand(finding) }
        let settings = FirewallSettings(
            backend: remediationContext.cluster.firewall?.backend ?? .auto,
            allow: allowances(remediationContext.cluster, filter))
        let wish = FirewallWish(settings, node: node, of: remediationContext.cluster)
        guard settings.backend != .none else {
            return .hand(finding, why: "the inventory says that haops must not manage the firewall")
        }
        var isClosed = false
        for passage in wish.passages where passage.packet.protocolNumber == FilteredPacket.vrrpProtocol {
            for chain in filter.allChains(passage.hook, for: passage.packet) {
                switch filter.verdict(on: passage.packet, in: chain) {
                case .accepted: continue
                // Other tables are full of rules for packets that the machine forwards.
                case .uncertain where !chain.isUsual: continue
                case .dropped(let text), .uncertain(let text):
                    if chain.isUsual { isClosed = true }
                    guard let (_, rule) = filter.rule(reading: text, from: chain), rule.isDeliberate
                    else {
                        continue
                    }
                    return .hand(
                        finding, why: "the rule names VRRP or the sender: somebody has meant it")
                }
            }
        }
        guard isClosed else { return .hand(finding) }
        return .change(finding, to: [node.id: DesiredNode(files: [], firewall: wish)])
    }

    /// VRRP, and whatever haops has opened before, because haops rewrites its own list of rules.
    private func allowances(_ cluster: Cluster, _ filter: PacketFilter) -> [FirewallSettings.Allowance] {
        let opensICMP = filter.rules.values.joined().contains { rule in
            rule.isOurs && rule.protocols?.isDisjoint(with: [1, 58]) == false
        }
        let wished = cluster.firewall?.allow.contains(.icmp) ?? false
        return opensICMP || wished ? [.vrrp, .icmp] : [.vrrp]
    }
}

extension PacketFilter.Rule {
    /// Whether the rule drops these packets by name or by source; a rule that drops all remaining packets does not
    /// count.
    fileprivate var isDeliberate: Bool {
        protocols != nil || source != nil || destination != nil || isConditional
    }
}
