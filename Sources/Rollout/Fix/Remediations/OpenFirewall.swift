import Checks
import Facts
import Inventory

/// VRRP is accepted at the head of the chain that drops it, now and after a reboot.
///
/// A rule that names VRRP or the sending machine was written on purpose: fix prints the command that deletes it, and
/// changes nothing, exit 3.
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
            for chain in filter.chains(passage.hook, isIPv6: passage.packet.isIPv6) {
                switch filter.verdict(on: passage.packet, in: chain) {
                case .accepted: continue
                case .dropped(let text), .uncertain(let text):
                    isClosed = true
                    guard let (id, rule) = filter.rule(reading: text, from: chain), rule.isDeliberate
                    else {
                        continue
                    }
                    return .hand(
                        finding, edit: "on \(name): \(removal(of: rule, from: id))",
                        why: "the rule names VRRP or the sender, and haops removes only its own rules")
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

    private func removal(of rule: PacketFilter.Rule, from id: PacketFilter.ChainID) -> String {
        switch id.tool {
        case .iptables(let command, _):
            let words = rule.text.hasPrefix("-A ") ? String(rule.text.dropFirst(3)) : "\(id.name) …"
            return "\(command) -D \(words)"
        case .nftables(let family, let table):
            return "nft -a list chain \(family) \(table) \(id.name)  (shows the handle N of `\(rule.text)`), "
                + "then nft delete rule \(family) \(table) \(id.name) handle N"
        }
    }
}

extension PacketFilter.Rule {
    /// Whether the rule drops these packets by name or by source; a rule that drops all remaining packets does not
    /// count.
    fileprivate var isDeliberate: Bool {
        protocols != nil || source != nil || destination != nil || isConditional
    }
}
