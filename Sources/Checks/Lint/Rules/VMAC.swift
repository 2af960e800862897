import Keepalived

/// `use_vmac` without the settings that it needs.
///
/// - Condition: `use_vmac` together with unicast, without `vmac_xmit_base`; or with a name for its interface that an
///   earlier instance has.
/// - Why: keepalived ignores a name that is taken. With unicast it sets `vmac_xmit_base` itself and reports it; the interface also needs arp_ignore and arp_filter,
///   and NetworkManager must not manage it.
/// - Remedy: Write `vmac_xmit_base`, and a name of its own for each interface.
struct VMAC: NodeRule {
    static let id = "vmac"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["use_vmac"], [.reset]).map { problem in
            // The name of another instance's interface, or unicast without `vmac_xmit_base`.
            let isName = !problem.text.isEmpty
            return node.finding(
                Self.id, .warning, at: problem.location,
                isName
                    ? "\(problem.owner): the interface name `\(problem.text)` is taken"
                    : "\(problem.owner): `use_vmac` with unicast needs `vmac_xmit_base`",
                effect: problem.consequence, fix: isName ? "choose another name" : "add `vmac_xmit_base`")
        }
    }
}
