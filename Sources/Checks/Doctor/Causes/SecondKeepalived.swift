import Addresses
import Facts
import Keepalived

/// Two keepaliveds run on one node for the same virtual router.
///
/// Condition: two keepaliveds, neither of which has started the other, run in the machine's network, and both read the
/// same file, or files that share an address or a router id on one interface.
/// Why: both send adverts from the same address, and each sets and removes the addresses by its own file: an old unit's
/// daemon that nobody stopped, or one that somebody started by hand. The unit shows one of them only.
/// Remedy: end the one that is not the unit's, and disable what starts it; then restart the unit's.
struct SecondKeepalived: Cause {
    static let id = DoctorID.secondKeepalived

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { diagnose($0, observation) }
    }

    private typealias Rival = (process: DaemonProcess, conflict: (words: String, vips: [IPAddress]))

    /// The addresses that two keepaliveds of a node set.
    static func addresses(on node: DoctorNode) -> Set<IPAddress> {
        Set(SecondKeepalived().rivals(on: node)?.others.flatMap(\.conflict.vips) ?? [])
    }

    private func rivals(on node: DoctorNode) -> (regular: DaemonProcess, others: [Rival])? {
        // In its own network, a daemon takes nothing from this one.
        let roots = node.processes.roots(of: .keepalived).filter {
            $0.isInOtherNetwork == false && $0.state != "Z"
        }
        guard roots.count > 1, let regular = node.regular(of: roots) else { return nil }
        let own = node.configuration(of: regular)
        let rivals = roots.filter { $0 != regular }.compactMap { process in
            conflict(own, node.configuration(of: process), isSameFile: process.file == regular.file).map {
                (process: process, conflict: $0)
            }
        }
        return rivals.isEmpty ? nil : (regular, rivals)
    }

    private func diagnose(_ node: DoctorNode, _ observation: ClusterObservation) -> Diagnosis? {
        guard let (regular, rivals) = rivals(on: node), let first = rivals.first else { return nil }
        let daemons = [regular] + rivals.map(\.process)
        let vips = Set(rivals.flatMap(\.conflict.vips))
        return Diagnosis(
            Self.id, nodes: [node.name],
            "\(daemons.count) keepaliveds run on \(node.name) for \(first.conflict.words): \(joined(daemons.map(node.words)))",
            effect:
                "both send adverts from this node, and each sets and removes the addresses by its own file",
            fix: rivals.map { node.command(ending: $0.process, besides: regular) }.joined(separator: "; ")
                + (regular.unit.map { "; then systemctl restart \($0)" } ?? "") + " on \(node.name)",
            evidence: daemons.map(node.evidence) + vips.sorted().flatMap { observation.probeResult(on: $0) },
            explains: observation.unexplained.filter { symptom in
                switch symptom {
                case .orphan(let vip), .splitBrain(let vip), .unsettled(let vip), .claimedButAbsent(let vip),
                    .unowned(let vip):
                    vips.contains(vip)
                case .refusals(let name, _): name == node.name
                default: false
                }
            })
    }

    private func conflict(_ own: Configuration?, _ other: Configuration?, isSameFile: Bool)
        -> (words: String, vips: [IPAddress])?
    {
        guard let own, let other else { return nil }
        let theirs = Set(other.instances.flatMap(\.allAddresses).map(\.address))
        let vips = own.instances.flatMap(\.allAddresses).map(\.address).filter(theirs.contains).uniqued()
        if !vips.isEmpty { return (joined(vips.map(\.description)), vips) }
        if isSameFile { return ("the same file", []) }
        let shared = own.instances.first { instance in
            instance.virtualRouterID != nil
                && other.instances.contains {
                    $0.virtualRouterID?.value == instance.virtualRouterID?.value
                        && $0.interface?.value == instance.interface?.value && $0.family == instance.family
                }
        }
        guard let shared, let id = shared.virtualRouterID?.value else { return nil }
        return (
            "router id \(id) on \(shared.interface?.value ?? "one interface")",
            shared.allAddresses.map(\.address)
        )
    }
}

extension DaemonProcess {
    fileprivate var file: String { configurationFiles.last ?? ConfigurationEvidence.usualMainFile }
}
