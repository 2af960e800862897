import Addresses
import Facts
import Keepalived
import Remote

/// Another service that configures the interface removed a virtual address.
///
/// Condition: NetworkManager or systemd-networkd manages the address's interface, and one of these holds: the
/// MASTER's kernel does not have the address; keepalived's journal says that it vanished; the journal has a MASTER
/// that became BACKUP without a reason, which is all that 2.2.7 logs of it. Where `KeepConfiguration` is set for the
/// interface, the journal's past does not count.
/// Why: at a restart such a service deletes every address that it did not set. keepalived 2.x notices, starts an
/// election and returns to MASTER; 1.x does not notice.
/// Remedy: make the service keep foreign addresses (networkd: `KeepConfiguration=static` and
/// `ManageForeignRoutingPolicyRules=no`), or exclude the interface from its management.
struct RemovedByNetworkService: Cause {
    static let id = DoctorID.vipRemovedByNetworkManager

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node -> Diagnosis? in
            guard let network = node.after?.known(NetworkConfigurationFact.self), !network.managers.isEmpty
            else {
                return nil
            }
            let routers = observation.routers.filter { $0.nodes.contains(node.name) }
            let virtual = routers.reduce(into: Set<IPAddress>()) { $0.formUnion($1.addresses) }
            // What happened before the service was told to keep addresses does not happen again.
            let managed = network.managedInterfaces.subtracting(network.keepingInterfaces)
            let removals = bounces(node, managed: managed)
            let absent = virtual.filter { vip in
                observation.unexplained.contains(.claimedButAbsent(vip))
                    && observation.verdict(on: vip)?.nodes.contains {
                        $0.node == node.id && $0.claimsMaster && !$0.holds
                    } == true
            }
            guard !removals.isEmpty || !absent.isEmpty else { return nil }
            let manager = joined(network.managers.sorted())
            let instances = Set(removals.map(\.event.subject))
            let vanished =
                node.configuration?.instances.filter { instances.contains($0.name) }
                .flatMap { $0.allAddresses.map(\.address) } ?? []
            let vips = (vanished + absent.sorted()).uniqued()
            return Diagnosis(
                Self.id, nodes: [node.name],
                "\(manager) removes \(joined(vips.map(\.description))) on \(node.name)",
                effect: "every restart of \(manager) there takes the addresses away from the MASTER",
                fix: network.managers.contains("systemd-networkd")
                    ? "KeepConfiguration=static in the interface's .network file on \(node.name), and networkctl reload"
                    : "nmcli device set INTERFACE managed no on \(node.name)",
                evidence: removals.suffix(3).map {
                    Evidence(.journal, on: node.name, "without a reason: \($0.message)")
                }
                    + [
                        Evidence(
                            .daemon, on: node.name,
                            "\(manager) runs and manages \(joined(network.managedInterfaces.sorted()))")
                    ],
                explains: Set(vips.flatMap { [.claimedButAbsent($0), .unsettled($0), .unowned($0)] }))
        }
    }

    /// Journal entries where an instance lost its addresses to another service.
    private func bounces(_ node: DoctorNode, managed: Set<String>) -> [JournalEntry] {
        let instances = (node.configuration?.instances ?? []).filter { instance in
            instance.allAddresses.contains { managed.contains($0.device ?? instance.interface?.value ?? "") }
        }
        return instances.flatMap { instance -> [JournalEntry] in
            var isMaster = false
            var hasReason = false
            return node.recentJournal.filter { entry in
                guard entry.event.subject == instance.name else { return false }
                switch entry.event.kind {
                case .becameMaster:
                    isMaster = true
                    hasReason = false
                case .becameBackup:
                    defer { isMaster = false }
                    return isMaster && !hasReason
                case .announced, .setAddresses, .removedAddresses: break
                default: hasReason = true
                }
                return false
            }
        }
    }
}
