import Keepalived

/// Gratuitous ARP is sent only when the state changes.
///
/// - Condition: No `garp_master_refresh` and no `vrrp_garp_master_refresh`.
/// - Why: A machine that missed the five announcements after a failover keeps the wrong address until its own entry
///   expires, up to four hours.
/// - Remedy: Set `vrrp_garp_master_refresh 60`.
struct GarpRefresh: NodeRule {
    static let id = "garp-refresh"

    func check(_ node: LintNode) -> [Finding] {
        guard !node.instances.isEmpty, node.instances.allSatisfy({ $0.garp.refresh == 0 }),
            node.version >= KeepalivedVersion(1, 2, 10)
        else { return [] }
        let first = node.instances[0]
        return [
            node.finding(
                Self.id, .info, at: first.location, "gratuitous ARP is never repeated",
                effect: "a machine that missed it after a failover keeps sending to the old node",
                fix: node.version >= KeepalivedVersion(1, 2, 20)
                    ? "add `vrrp_garp_master_refresh 60` to global_defs"
                    : "add `garp_master_refresh 60` to each instance")
        ]
    }
}
