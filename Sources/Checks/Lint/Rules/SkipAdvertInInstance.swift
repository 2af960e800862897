import Keepalived

/// `vrrp_skip_check_adv_addr` inside an instance.
///
/// - Condition: The global keyword is used in a `vrrp_instance`.
/// - Why: The keyword is unknown there, and keepalived skips it.
/// - Remedy: Write `skip_check_adv_addr`.
struct SkipAdvertInInstance: NodeRule {
    static let id = "skip-adv-in-instance"

    func check(_ node: LintNode) -> [Finding] {
        node.configuration.diagnostics.filter {
            $0.kind == .unknownKeyword("vrrp_skip_check_adv_addr") && $0.cause == nil
        }.map {
            diagnostic in
            node.finding(
                Self.id, .warning, at: diagnostic.location,
                "`vrrp_skip_check_adv_addr` belongs in global_defs",
                effect: "keepalived skips the line", fix: "write `skip_check_adv_addr` here")
        }
    }
}
