import Checks
import Inventory
import Remote

/// Decides what is done about each of doctor's findings. Pure.
enum Remediations {
    /// All rules, each a file in `Remediations/`. docs/Doctor.md lists them in this order.
    static let all: [any RemediationRule] = [
        OpenFirewall(), AllowNonlocalBinding(), LoadWhatIsWritten(), ServeByProxy(), SettleOwnership(),
    ]

    static func remediations(in remediationContext: RemediationContext) -> [Remediation] {
        remediationContext.findings.map { finding in
            let rule = finding.doctor.flatMap { id in all.first { type(of: $0).causes.contains(id) } }
            return rule?.remediation(of: finding, in: remediationContext) ?? .hand(finding)
        }
    }

    /// The desired state of each node after all remediations.
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
