import Keepalived

/// `use_vmac` without the settings that it needs.
///
/// - Condition: `use_vmac` together with unicast, without `vmac_xmit_base`.
/// - Why: keepalived sets `vmac_xmit_base` itself and reports it; the interface also needs arp_ignore and arp_filter,
///   and NetworkManager must not manage it.
/// - Remedy: Write `vmac_xmit_base`.
struct VMAC: NodeRule {
    static let id = "vmac"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["use_vmac"], [.reset]).map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): `use_vmac` with unicast needs `vmac_xmit_base`",
                effect: problem.consequence, fix: "add `vmac_xmit_base`")
        }
    }
}
