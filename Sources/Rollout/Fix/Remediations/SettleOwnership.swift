import Addresses
import Checks
import Facts
import Inventory
import Remote

/// One owner is restored for each address, as far as the nodes' own daemons and addresses decide it.
///
/// - Two owners: keepalived is restarted on the node that has to give way.
/// - A leftover or manually added address is deleted on the node that is not MASTER, and keepalived is started where
/// it is enabled. A line that brings the address back at the next boot is left to the operator, by file and number.
/// - A stopped keepalived is started where it is enabled; one that claims an address which its kernel lacks is
/// restarted.
/// - A wrong neighbour entry: the owner announces the address by gratuitous ARP.
struct SettleOwnership: RemediationRule {
    // The plan's actions do it; this rule assigns findings to them and says what they do not cover.
    static let causes: Set<DoctorID> = [
        .leftoverVIP, .staticVIP, .staleARP, .orphan, .splitBrain, .noOwner, .claimedButAbsent,
        .keepalivedDead,
    ]

    func remediation(of finding: Finding, in remediationContext: RemediationContext) -> Remediation {
        let boot = finding.doctor == .staticVIP ? bootLines(finding, remediationContext) : nil
        let isReached = remediationContext.actions.contains { action in
            switch (finding.doctor, action) {
            case (.staleARP, .announce), (.splitBrain, .giveWay), (.noOwner, .start),
                (.claimedButAbsent, .restart):
                true
            case (.keepalivedDead, .start(let node, _)): finding.nodes.contains(node.name)
            case (.leftoverVIP, .clear(let node, _, _, _)), (.leftoverVIP, .start(let node, _)),
                (.staticVIP, .clear(let node, _, _, _)), (.staticVIP, .restart(let node, _)),
                (.orphan, .clear(let node, _, _, _)), (.orphan, .start(let node, _)),
                (.orphan, .restart(let node, _)):
                finding.nodes.contains(node.name)
            default: false
            }
        }
        if isReached { return .action(finding, edit: boot) }
        if finding.doctor == .staleARP, isOnLoopback(remediationContext) {
            return .hand(finding, why: "an announcement would leave by lo and reach nobody")
        }
        if finding.doctor == .claimedButAbsent {
            return .hand(
                finding, edit: "haops apply, or add the address to virtual_ipaddress on every node",
                why: "the keepalived that is MASTER does not list the address")
        }
        return .hand(
            finding, edit: boot,
            why: boot == nil
                ? nil : "haops does not edit a machine's network configuration")
    }

    private func isOnLoopback(_ remediationContext: RemediationContext) -> Bool {
        remediationContext.observation.after.contains { ownership in
            ownership.verdict == .staleARP
                && ownership.nodes.contains { $0.node == ownership.trueOwner && $0.interface == "lo" }
        }
    }

    /// The lines that would bring a virtual address back at the next boot.
    private func bootLines(_ finding: Finding, _ remediationContext: RemediationContext) -> String? {
        guard let name = finding.nodes.first,
            let network = remediationContext.seen(name)?.after?.known(NetworkConfigurationFact.self)
        else { return nil }
        let virtual = Set(remediationContext.cluster.virtualAddresses.map(\.vip.cidr.address))
            .filter { remediationContext.observation.own.owner(of: $0) == nil }
        let lines = network.lines.filter { !$0.addresses.isDisjoint(with: virtual) }
        guard !lines.isEmpty else { return nil }
        return lines.map { $0.removal(on: name) }.joined(separator: "; ")
    }
}
