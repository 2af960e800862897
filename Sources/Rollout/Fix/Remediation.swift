package import Checks
import Facts
import Inventory
import Remote

/// What is done about one of doctor's findings.
package struct Remediation: Sendable {
    package enum Means: String, Sendable, CaseIterable {
        /// A change of nodes, under the gates of apply.
        case change
        /// One of the plan's actions removes it.
        case action
        /// The operator has to do it by hand.
        case hand
    }

    package var finding: Finding
    package var means: Means
    /// What the operator has to edit or run, and where; `nil` when nothing is left to do.
    package var edit: String?
    /// Why haops leaves it to the operator.
    package var why: String?
    /// What the operator should know before agreeing.
    package var note: String?
    /// The desired state of the nodes.
    var desired: [HostID: DesiredNode] = [:]

    static func change(_ finding: Finding, to desired: [HostID: DesiredNode], note: String? = nil) -> Self {
        Remediation(finding: finding, means: .change, note: note, desired: desired)
    }

    /// - `edit`: what is left to the operator.
    static func action(_ finding: Finding, edit: String? = nil) -> Self {
        Remediation(finding: finding, means: .action, edit: edit)
    }

    static func hand(_ finding: Finding, edit: String? = nil, why: String? = nil) -> Self {
        let places = finding.evidence.compactMap(\.place).uniqued()
        let whereabouts = places.isEmpty ? "" : "  (\(places.joined(separator: ", ")))"
        return Remediation(finding: finding, means: .hand, edit: edit ?? finding.fix + whereabouts, why: why)
    }

    /// Whether the finding must be gone when the work is done.
    package var ends: Bool { means != .hand && edit == nil }

    /// Whether a split-brain would return while this finding remains.
    package var keepsTheFightGoing: Bool {
        means == .hand && finding.severity == .error && finding.doctor?.makesNodesFight == true
    }
}

/// Everything that a remediation rule may read.
struct RemediationContext: Sendable {
    var cluster: Cluster
    var observation: ClusterObservation
    var findings: [Finding]
    /// The planned actions on the ownership of the addresses.
    var actions: [FixPlan.Action]

    func node(named name: String) -> Node? { cluster.nodes.first { $0.id.name == name } }
    func seen(_ name: String) -> DoctorNode? { observation.nodes.first { $0.name == name } }
    func service(_ service: String, on name: String) -> ServiceState? {
        seen(name)?.after?.known(ServicesFact.self)?[service]
    }
}

/// Decides what haops does about some of doctor's causes. A cause without a rule is left to the operator.
protocol RemediationRule: Sendable {
    /// The identifiers of the findings that the rule handles.
    static var causes: Set<DoctorID> { get }

    func remediation(of finding: Finding, in remediationContext: RemediationContext) -> Remediation
}
