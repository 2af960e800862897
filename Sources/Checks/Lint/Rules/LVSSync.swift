import Keepalived

/// `lvs_sync_daemon_interface` in an instance is deprecated.
///
/// - Condition: The keyword is used in a `vrrp_instance`.
/// - Why: keepalived accepts it and reports an error.
/// - Remedy: Use `lvs_sync_daemon INTERFACE INSTANCE` in global_defs.
struct LVSSync: NodeRule {
    static let id = "lvs-sync"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["lvs_sync_daemon_interface"], [.deprecated]).map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): `lvs_sync_daemon_interface` is deprecated",
                effect: "it works, but makes `keepalived -t` report an error",
                fix: "use `lvs_sync_daemon INTERFACE INSTANCE` in global_defs")
        }
    }
}
