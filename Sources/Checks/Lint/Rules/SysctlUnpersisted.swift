import Keepalived

/// A kernel setting that is lost at the next boot.
///
/// - Condition: `ip_nonlocal_bind` is 1, and no file under sysctl.d sets it.
/// - Why: After a reboot haproxy does not start on a BACKUP.
/// - Remedy: Write it to a file under /etc/sysctl.d.
struct SysctlUnpersisted: NodeRule {
    static let id = "sysctl-unpersisted"

    func check(_ node: LintNode) -> [Finding] {
        guard let facts = node.facts, let persisted = facts.persistedSysctls, let first = node.instances.first
        else { return [] }
        return ["net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind"].compactMap { name in
            guard facts.sysctls[name] == "1", persisted[name] != "1" else { return nil }
            return node.finding(
                Self.id, .warning, at: first.location, "`\(name)` is set now, but not in a file",
                effect: "it is lost at the next boot, and haproxy cannot bind its addresses on a BACKUP",
                fix: "write `\(name) = 1` to a file under /etc/sysctl.d",
                evidence: [Evidence(.kernel, "\(name) = 1, not under sysctl.d")])
        }
    }
}
