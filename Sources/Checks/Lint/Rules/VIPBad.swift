import Keepalived

/// An address that keepalived cannot use as written.
///
/// - Condition: An entry is not an address, is of the other address family, or has an invalid prefix or option.
/// - Why: keepalived drops the entry, so no node holds the address, or its prefix becomes /32.
/// - Remedy: Write one address with its prefix per line.
struct VIPBad: NodeRule {
    static let id = "vip-bad"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["virtual_ipaddress", "virtual_ipaddress_excluded", "static_ipaddress"])
            .filter { $0.kind != .required && $0.kind != .tooLong && $0.kind != .reset }
            .map { problem in
                let isDropped = problem.consequence.contains("dropped")
                return node.finding(
                    Self.id,
                    isDropped || problem.kind == .notANumber || problem.kind == .outOfRange
                        ? .error : .warning,
                    at: problem.location,
                    "\(problem.owner): `\(problem.text)` in `\(problem.keyword)` is not valid",
                    effect: problem.consequence, fix: "write one `ADDRESS/LENGTH` with its options per line")
            }
    }
}
