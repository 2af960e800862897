import Addresses
import Facts
import Keepalived
import Remote

/// A virtual address stayed on a node whose keepalived died.
///
/// Condition: the node has the address, and no keepalived runs on it.
/// Why: a killed keepalived takes no address back, and says no farewell; the next MASTER and this node both answer
/// for it.
/// Remedy: `haops fix`, or delete the address and announce the real owner; then start keepalived.
struct LeftoverAddress: Cause {
    static let id = "leftover-vip"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.reachable.compactMap { node -> Diagnosis? in
            guard node.isDead, !patient.stayedVIPs(on: node).isEmpty else { return nil }
            let vips = patient.stayedVIPs(on: node).filter { node.staticLine(naming: $0) == nil }
            guard !vips.isEmpty else { return nil }
            let words = vips.map(\.description)
            return Diagnosis(
                Self.id, nodes: [node.name],
                "\(joined(words)) stayed on \(node.name), whose keepalived is not running",
                effect: "clients whose ARP entry names \(node.name) go to a node that nothing watches",
                fix: "haops fix \(words.joined(separator: " "))  (deletes it there, announces the owner), "
                    + "then start keepalived on \(node.name)",
                evidence: vips.flatMap { patient.testimony(on: $0) } + [node.serviceWords("keepalived")],
                explains: Set(
                    vips.map { .orphan($0) } + vips.map { .staleARP($0) } + vips.map { .unsettled($0) }
                )
                .union([.daemonDown(node: node.name)]))
        }
    }
}

/// A virtual address was put on a node by something other than keepalived.
///
/// Condition: a node whose keepalived runs and is not MASTER has the address; or the node's network configuration
/// names it.
/// Why: the node answers for the address at all times, whoever is MASTER.
/// Remedy: take it out of the network configuration, and delete it from the interface.
struct StaticAddress: Cause {
    static let id = "static-vip"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.reachable.compactMap { node -> Diagnosis? in
            let stayed = patient.stayedVIPs(on: node).filter {
                !node.isDead || node.staticLine(naming: $0) != nil
            }
            let written = patient.routers.filter { $0.nodes.contains(node.name) }
                .flatMap { $0.addresses.sorted() }.uniqued().filter { node.staticLine(naming: $0) != nil }
            let vips = (stayed + written).uniqued()
            guard !vips.isEmpty else { return nil }
            let words = vips.map(\.description)
            let deletions = vips.compactMap { vip in
                node.interfaces.first { $0.addresses.contains { $0.cidr.address == vip } }.flatMap {
                    interface in
                    interface.addresses.first { $0.cidr.address == vip }
                        .map { "ip addr del \($0.cidr) dev \(interface.name)" }
                }
            }
            let lines = vips.compactMap { vip in
                node.staticLine(naming: vip).map { "\(node.name): \($0.path):\($0.number): \($0.text)" }
            }
            return Diagnosis(
                Self.id, nodes: [node.name],
                "\(joined(words)) is on \(node.name) by other hands than keepalived's",
                effect: "\(node.name) answers for it even while another node is MASTER",
                fix: (lines.isEmpty ? [] : ["remove it from the network configuration of \(node.name)"])
                    .appending(contentsOf: stayed.isEmpty ? [] : deletions).joined(separator: "; then "),
                evidence: lines + stayed.flatMap { patient.testimony(on: $0) }
                    + stayed.compactMap { node.prefixDifference(of: $0) },
                explains: Set(
                    stayed.map { .orphan($0) } + stayed.map { .staleARP($0) } + stayed.map { .unsettled($0) })
            )
        }
    }
}

/// keepalived does not run on a node that should take over.
///
/// Condition: it is installed or configured, and not running, at both looks.
/// Why: this node takes over nothing; if it was the last one, the addresses are dark.
/// Remedy: read why it ended, mend that, start it, and enable it for the next boot.
struct DeadDaemon: Cause {
    static let id = "keepalived-dead"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        let dead = patient.reachable.filter { patient.unexplained.contains(.daemonDown(node: $0.name)) }
        let isDark = dead.count == patient.reachable.count
        return dead.map { node in
            let reasons = node.journal.filter { entry in
                switch entry.event.kind {
                case .permanentError, .childDied: true
                default: false
                }
            }.suffix(2).map { "\(node.name)'s journal: \($0.message)" }
            return Diagnosis(
                Self.id, nodes: [node.name], "keepalived does not run on \(node.name)",
                effect: isDark
                    ? "no node serves the addresses" : "\(node.name) takes over nothing when the others fail",
                fix: "systemctl start keepalived on \(node.name)"
                    + (node.isEnabledAtBoot("keepalived") == false
                        ? ", and systemctl enable keepalived" : ""),
                evidence: [node.serviceWords("keepalived")] + reasons,
                explains: Set([Symptom.daemonDown(node: node.name)]).union(
                    isDark ? patient.unexplained.filter { if case .unowned = $0 { true } else { false } } : []
                ))
        }
    }
}

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

/// `vrrp_strict` drops what is sent to the virtual addresses.
///
/// Condition: `vrrp_strict` on a node whose priority is not 255, without `accept`.
/// Why: RFC 5798 lets only the address owner accept packets for the addresses, so keepalived writes rules that drop
/// them: the address is there, answers ARP, and nothing else.
/// Remedy: remove `vrrp_strict`.
struct BlockedByStrict: Cause {
    static let id = "vip-blocked-strict"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            let strict = router.configured.filter {
                !$0.instance.isOwner && !$0.instance.accept.value && $0.instance.strict.value
            }
            guard let first = strict.first else { return nil }
            let names = strict.map(\.member.name)
            return Diagnosis(
                Self.id, nodes: names,
                "vrrp_strict makes \(joined(names)) drop what is sent to the addresses of \(router.title)",
                effect: "the addresses answer ARP and nothing else",
                fix:
                    "remove vrrp_strict from global_defs, and from \(router.title), on \(joined(names)), and restart",
                evidence: strict.map { $0.member.evidence(at: $0.instance.strict.location) }
                    + strict.filter { $0.member.node.hasKeepalivedTable }
                    .map {
                        "\($0.member.name): nftables has keepalived's own table, which drops packets to the addresses"
                    },
                file: first.instance.strict.location?.file, line: first.instance.strict.location?.line)
        }
    }
}

/// Somebody still sends to a machine that does not have the address.
///
/// Condition: one owner, and at both looks a neighbour table that names another link-layer address for it.
/// Why: gratuitous ARP is sent at the change only, five times; who missed it keeps the old entry, routers for hours.
/// Remedy: announce the owner again, and let keepalived do it regularly (`vrrp_garp_master_refresh 60`).
struct StaleNeighbour: Cause {
    static let id = "stale-arp"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.after.compactMap { ownership in
            guard patient.unexplained.contains(.staleARP(ownership.vip)) else { return nil }
            let owner = ownership.trueOwner?.name ?? "its owner"
            let stale = ownership.arp.filter { $0.node != ownership.trueOwner }
            return Diagnosis(
                Self.id, nodes: stale.map(\.observer.name).uniqued(),
                "\(joined(stale.map(\.observer.name).uniqued())) sends \(ownership.vip) elsewhere than to \(owner)",
                effect: "whoever has that entry does not reach the address",
                fix:
                    "haops fix \(ownership.vip)  (announces \(owner) again); to prevent it: vrrp_garp_master_refresh 60",
                evidence: patient.testimony(on: ownership.vip), explains: [.staleARP(ownership.vip)])
        }
    }
}

extension Examination {
    /// Virtual addresses that a node has at both looks although its daemon does not claim them.
    func stayedVIPs(on node: DoctorNode) -> [IPAddress] {
        zip(before, after).compactMap { first, second in
            let wasThere = first.nodes.contains { $0.node == node.id && $0.holds && !$0.claimsMaster }
            let isThere = second.nodes.contains { $0.node == node.id && $0.holds && !$0.claimsMaster }
            return wasThere && isThere ? second.vip : nil
        }
    }
}

extension DoctorNode {
    func staticLine(naming vip: IPAddress) -> NetworkConfiguration.Line? {
        after?.known(NetworkConfigurationFact.self)?.line(naming: vip)
    }

    /// Whether nftables has the table that keepalived makes for `vrrp_strict`.
    var hasKeepalivedTable: Bool {
        filter?.rules.keys.contains { id in
            if case .nftables(_, let table) = id.tool { table == "keepalived" } else { false }
        } == true
    }

    /// "lb1: systemd says keepalived is failed (Result: signal)".
    func serviceWords(_ service: String) -> String? {
        after?.known(ServicesFact.self)?[service].map { "\(name): \(service) is \($0.detail)" }
    }

    func isEnabledAtBoot(_ service: String) -> Bool? { after?.known(ServicesFact.self)?[service]?.isEnabled }

    /// An address with another prefix than the configuration's survives keepalived's own removal.
    func prefixDifference(of vip: IPAddress) -> String? {
        guard let held = interfaces.flatMap(\.addresses).first(where: { $0.cidr.address == vip }),
            let written = configuration?.instances.flatMap(\.allAddresses).first(where: { $0.address == vip }
            ),
            held.cidr.prefixLength != written.prefixLength
        else { return nil }
        return "\(name): it is there as \(held.cidr), and keepalived would set \(vip)/\(written.prefixLength)"
    }
}

extension Array {
    func appending(contentsOf more: [Element]) -> [Element] { self + more }
}
