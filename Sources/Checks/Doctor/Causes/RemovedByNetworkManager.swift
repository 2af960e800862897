import Addresses
import Facts
import Keepalived
import Remote

/// Something else that configures the interface removed a virtual address.
///
/// Condition: NetworkManager or systemd-networkd manages the address's interface, and keepalived's journal says
/// that the address vanished, or the MASTER's kernel does not have it.
/// Why: at a restart such a manager deletes every address that it did not set. keepalived 2.x notices, starts an
/// election and comes back; 1.x does not notice.
/// Remedy: let the manager keep foreign addresses (networkd: `KeepConfiguration=static` and
/// `ManageForeignRoutingPolicyRules=no`), or take the interface out of its hands.
struct RemovedByNetworkManager: Cause {
    static let id = "vip-removed-by-network-manager"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.reachable.compactMap { node -> Diagnosis? in
            guard let network = node.after?.known(NetworkConfigurationFact.self), !network.managers.isEmpty
            else {
                return nil
            }
            let routers = patient.routers.filter { $0.nodes.contains(node.name) }
            let virtual = routers.reduce(into: Set<IPAddress>()) { $0.formUnion($1.addresses) }
            let removals = node.recentJournal.filter { entry in
                guard case .addressVanished(let text) = entry.event.kind else { return false }
                return CIDR(text).map { virtual.contains($0.address) } == true
                    && (network.managedInterfaces.isEmpty
                        || network.managedInterfaces.contains(entry.event.subject))
            }
            let absent = virtual.filter { vip in
                patient.unexplained.contains(.claimedButAbsent(vip))
                    && patient.verdict(on: vip)?.nodes.contains {
                        $0.node == node.id && $0.claimsMaster && !$0.holds
                    } == true
            }
            guard !removals.isEmpty || !absent.isEmpty else { return nil }
            let manager = joined(network.managers.sorted())
            let vips =
                (removals.compactMap { entry -> IPAddress? in
                    if case .addressVanished(let text) = entry.event.kind { CIDR(text)?.address } else { nil }
                } + absent.sorted()).uniqued()
            return Diagnosis(
                Self.id, nodes: [node.name],
                "\(manager) removes \(joined(vips.map(\.description))) on \(node.name)",
                effect: "every restart of \(manager) there takes the addresses away from the MASTER",
                fix: network.managers.contains("systemd-networkd")
                    ? "KeepConfiguration=static in the interface's .network file on \(node.name), and networkctl reload"
                    : "nmcli device set INTERFACE managed no on \(node.name)",
                evidence: removals.suffix(3).map { "\(node.name)'s journal: \($0.message)" }
                    + [
                        "\(node.name): \(manager) runs and manages \(joined(network.managedInterfaces.sorted()))"
                    ],
                explains: Set(vips.flatMap { [.claimedButAbsent($0), .unsettled($0), .unowned($0)] }))
        }
    }
}
