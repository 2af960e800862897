import Keepalived

/// An instance without an address.
///
/// - Condition: `virtual_ipaddress` is missing or empty.
/// - Why: In VRRP version 3 and in strict mode keepalived refuses to run; in version 2 the instance manages only the
///   excluded addresses.
/// - Remedy: List the address.
struct VIPNone: NodeRule {
    static let id = "vip-none"

    func check(_ node: LintNode) -> [Finding] {
        let instances = Dictionary(node.instances.map { ($0.name, $0) }) { first, _ in first }
        return node.problems(["virtual_ipaddress"], [.required]).compactMap { problem in
            let instance = instances[problem.owner]
            let isFatal = problem.consequence.contains("refuses")
            guard isFatal || instance?.excludedAddresses.isEmpty ?? true else {
                return excludedOnly(problem, node)
            }
            return node.finding(
                Self.id, isFatal ? .error : .warning, at: problem.location,
                "\(problem.owner) has no virtual address",
                effect: problem.consequence, fix: "list the address in `virtual_ipaddress`")
        }
    }

    private func excludedOnly(_ problem: ConfigurationProblem, _ node: LintNode) -> Finding {
        node.finding(
            Self.id, .warning, at: problem.location, "\(problem.owner) has only excluded addresses",
            effect: "adverts carry no address, and `keepalived -t` reports that at least one is sensible",
            fix: "list one address in `virtual_ipaddress`")
    }
}
