import Checks
import Facts
import Inventory
import Keepalived

/// A haproxy that starts at boot and does not run is started, and one that has not read its file reloads it: after the
/// node's own haproxy has tested the file.
///
/// Not where haproxy does not start at boot, where it failed, or where it refused the file: somebody has to look at it.
struct ServeByProxy: RemediationRule {
    static let causes: Set<DoctorID> = [.haproxyDead, .haproxyDownVIPStays, .haproxyNotLoaded]

    func remediation(of finding: Finding, in remediationContext: RemediationContext) -> Remediation {
        guard let name = finding.nodes.first, let node = remediationContext.node(named: name),
            let present = remediationContext.service("haproxy", on: name)
        else { return .hand(finding) }
        guard present.isEnabled == true else {
            return .hand(finding, why: "haproxy does not start at boot there")
        }
        if finding.doctor == .haproxyNotLoaded {
            guard finding.severity != .error else { return .hand(finding, why: "haproxy refuses the file") }
        } else if present.detail.hasPrefix("failed") {
            return .hand(finding, why: "haproxy has failed: see journalctl -u haproxy on \(name)")
        }
        // One that does not run is started by it.
        let service = DesiredNode.Service(told: .reload)
        return .change(finding, to: [node.id: DesiredNode(files: [], services: ["haproxy": service])])
    }
}
