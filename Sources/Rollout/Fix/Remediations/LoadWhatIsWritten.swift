import Checks
import Facts
import Inventory
import Keepalived

/// keepalived tests the file on its disk, then reloads it, or restarts when a reload does not apply the change.
///
/// Not while the file would make the nodes reject each other's adverts, or cut off a machine: that is fixed first.
struct LoadWhatIsWritten: RemediationRule {
    static let causes: Set<DoctorID> = [.writtenNotLoaded]

    func remediation(of finding: Finding, in remediationContext: RemediationContext) -> Remediation {
        guard let name = finding.nodes.first, let node = remediationContext.node(named: name),
            let seen = remediationContext.seen(name),
            let written = seen.configuration
        else { return .hand(finding) }
        let objection = remediationContext.findings.first {
            $0.doctor?.forbidsLoading == true && $0.severity == .error
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
