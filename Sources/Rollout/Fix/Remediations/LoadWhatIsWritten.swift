import Checks
import Facts
import Inventory
import Keepalived

/// Makes a daemon read the configuration on its disk: by a reload, or by a restart when a reload does not apply the
/// change.
struct LoadWhatIsWritten: RemediationRule {
    static let causes: Set<DoctorID> = [.writtenNotLoaded]

    /// Mismatches that prevent a file from being loaded: with it, the nodes would reject each other's adverts.
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
                finding, edit: "fix \(objection.id) first, then run haops fix",
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
            note: "\(name): the configuration that keepalived runs now exists only in its memory: "
                + "a \(told.rawValue) cannot be undone")
    }
}
