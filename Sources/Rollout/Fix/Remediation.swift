package import Checks
import Facts
import Inventory
import Remote

/// What becomes of one of doctor's findings.
package struct Remediation: Sendable {
    package enum Means: String, Sendable {
        /// Nodes are changed, under the gates of apply.
        case change
        /// One of the plan's actions ends it.
        case action
        /// Somebody has to do it by hand.
        case hand
    }

    package var finding: Finding
    package var means: Means
    /// What is to be edited or run, and where; `nil` when nothing is left to do.
    package var edit: String?
    /// Why haops leaves it to its operator.
    package var why: String?
    /// Worth knowing before saying yes.
    package var note: String?
    /// What the nodes are to be.
    var desired: [HostID: DesiredNode] = [:]

    static func change(_ finding: Finding, to desired: [HostID: DesiredNode], note: String? = nil) -> Self {
        Remediation(finding: finding, means: .change, note: note, desired: desired)
    }

    /// - `edit`: what the action does not reach.
    static func action(_ finding: Finding, edit: String? = nil) -> Self {
        Remediation(finding: finding, means: .action, edit: edit)
    }

    static func hand(_ finding: Finding, edit: String? = nil, why: String? = nil) -> Self {
        let places = finding.evidence.compactMap(\.place).uniqued()
        let whereabouts = places.isEmpty ? "" : "  (\(places.joined(separator: ", ")))"
        return Remediation(finding: finding, means: .hand, edit: edit ?? finding.fix + whereabouts, why: why)
    }

    /// It must be gone when the work is done.
    package var ends: Bool { means != .hand && edit == nil }

    /// Whether a fight for addresses would begin anew while this is there.
    package var keepsTheFightGoing: Bool {
        means == .hand && finding.severity == .error && finding.doctor?.makesNodesFight == true
    }
}

/// Everything that a cure may look at.
struct RemediationContext: Sendable {
    var cluster: Cluster
    var observation: ClusterObservation
    var findings: [Finding]
    /// What is to be done about the ownership of the addresses.
    var actions: [FixPlan.Action]

    func node(named name: String) -> Node? { cluster.nodes.first { $0.id.name == name } }
    func seen(_ name: String) -> DoctorNode? { observation.nodes.first { $0.name == name } }
    func service(_ service: String, on name: String) -> ServiceState? {
        seen(name)?.after?.known(ServicesFact.self)?[service]
    }
}

/// What haops does about some of doctor's causes. A cause that no cure knows is left to the operator.
protocol RemediationRule: Sendable {
    /// The identifiers of the findings that it knows.
    static var causes: Set<DoctorID> { get }

    func remediation(of finding: Finding, in remediationContext: RemediationContext) -> Remediation
}

/// Turns findings into what is done about each. Pure.
enum Cures {
    static let all: [any RemediationRule] = [
        OpenFirewall(), AllowNonlocalBinding(), LoadWhatIsWritten(), SettleOwnership(),
    ]

    static func remediations(in remediationContext: RemediationContext) -> [Remediation] {
        remediationContext.findings.map { finding in
            let rule = finding.doctor.flatMap { id in all.first { type(of: $0).causes.contains(id) } }
            return rule?.remediation(of: finding, in: remediationContext) ?? .hand(finding)
        }
    }

    /// What each node is to be when all of it is done.
    static func desired(by remediations: [Remediation]) -> [HostID: DesiredNode] {
        remediations.reduce(into: [:]) { all, remediation in
            all.merge(remediation.desired) { $0.merged(with: $1) }
        }
    }
}

extension DesiredNode {
    fileprivate func merged(with other: DesiredNode) -> DesiredNode {
        var merged = self
        merged.files += other.files.filter { file in !files.contains { $0.path == file.path } }
        merged.sysctls += other.sysctls.filter { !sysctls.contains($0) }
        merged.firewall = firewall ?? other.firewall
        merged.services.merge(other.services) { $0.told >= $1.told ? $0 : $1 }
        return merged
    }
}
