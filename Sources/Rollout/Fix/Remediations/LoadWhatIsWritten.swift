import Checks
import Facts
import Inventory
import Keepalived

/// Lets a daemon read the configuration that stands on its disk: by a reload, or by a restart where a reload does
/// not take the change up.
struct LoadWhatIsWritten: RemediationRule {
    static let causes: Set<DoctorID> = [.writtenNotLoaded]

    /// What makes a file one that must not be loaded: with it the nodes would not understand each other.
    private static let disagreements: Set<DoctorID> = [
        .routerIDDiffers, .transportMixed, .unicastPeers, .vrrpVersion,
        .authentication,
        .advertInterval, .vipSet, .bothOwner, .samePriority, .checkDisabled,
        .vipMachineAddress,
    ]

    func remediation(of finding: Finding, in remediationContext: RemediationContext) -> Remediation {
        guard let name = finding.nodes.first, let node = remediationContext.node(named: name),
            let seen = remediationContext.seen(name),
            let written = seen.configuration
        else { return .hand(finding) }
        let objection = remediationContext.findings.first {
            $0.doctor.map(Self.disagreements.contains) == true && $0.severity == .error
                && ($0.nodes.isEmpty || $0.nodes.contains(name))
        }
        if let objection {
            return .hand(
                finding, edit: "mend \(objection.id) first, then haops fix",
                why: "with the file as it is, \(objection.id) would come into force")
        }
        let version = seen.daemon?.version ?? .assumed
        let live = seen.daemon?.roleSource == .daemon ? seen.daemon?.state?.instances ?? [] : []
        let change = effect(of: written.asRun(by: live), to: written, version: version)
        let told: DaemonAction = change.level == .restart ? .restart : .reload
        let service = DesiredNode.Service(
            isEnabled: remediationContext.service("keepalived", on: name)?.isEnabled == true, told: told,
            breaksPeerCompatibility: change.breaksPeerCompatibility)
        return .change(
            finding, to: [node.id: DesiredNode(files: [], services: ["keepalived": service])],
            note: "\(name): what keepalived runs now is in its memory alone: a \(told.rawValue) is for good")
    }
}
