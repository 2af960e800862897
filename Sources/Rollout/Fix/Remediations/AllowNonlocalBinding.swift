import Addresses
import Checks
import Facts
import Inventory
import Rendering

/// `ip_nonlocal_bind` of the address family is set and written to `/etc/sysctl.d/90-haops.conf`, and haproxy is
/// restarted.
///
/// Where another program has the port, the operator has to free it.
struct AllowNonlocalBinding: RemediationRule {
    static let causes: Set<DoctorID> = [.haproxyCannotBind]

    func remediation(of finding: Finding, in remediationContext: RemediationContext) -> Remediation {
        guard let name = finding.nodes.first, let node = remediationContext.node(named: name),
            let seen = remediationContext.seen(name)
        else { return .hand(finding) }
        if seen.after?.known(HAProxyHealthFact.self)?.bindFailure?.isTaken == true {
            return .hand(finding, why: "another program has the port")
        }
        let values = seen.after?.known(SysctlFact.self) ?? [:]
        let families = Set(remediationContext.cluster.virtualAddresses.map(\.vip.cidr.address.isIPv6))
        let settings = [false, true].filter(families.contains)
            .map { $0 ? "net.ipv6.ip_nonlocal_bind" : "net.ipv4.ip_nonlocal_bind" }
            .filter { values[$0] == "0" }
            .map { SysctlSetting(key: $0, value: "1") }
        guard !settings.isEmpty else { return .hand(finding) }
        guard let present = seen.before?.known(FilesFact.self)?[NodePaths.sysctl],
            present.kind == .regular || present.kind == .absent
        else { return .hand(finding, why: "`\(NodePaths.sysctl)` could not be read") }
        let file = DesiredFile(
            path: NodePaths.sysctl,
            contents: Self.setting(settings, in: present.kind == .absent ? nil : present.contents),
            mode: present.kind == .absent ? 0o644 : present.mode, role: .sysctl)
        let service = DesiredNode.Service(
            isEnabled: remediationContext.service("haproxy", on: name)?.isEnabled == true)
        return .change(
            finding,
            to: [
                node.id: DesiredNode(files: [file], sysctls: settings, services: ["haproxy": service])
            ])
    }

    /// The file with these settings in place of any earlier settings of the same names.
    static func setting(_ settings: [SysctlSetting], in contents: [UInt8]?) -> [UInt8] {
        let keys = Set(settings.map(\.key))
        let text = contents.map { String(decoding: $0, as: UTF8.self) } ?? "# By haops.\n"
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        lines.removeAll { line in
            keys.contains(String(line.prefix { $0 != "=" }.filter { $0 != " " && $0 != "\t" }))
        }
        lines += settings.map { "\($0.key) = \($0.value)" }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}
