import Keepalived

/// A value that its keyword does not accept.
///
/// - Condition: A number, an address or an option cannot be parsed, and no other rule covers it.
/// - Why: keepalived ignores the line or uses a default.
/// - Remedy: Correct the value.
struct SyntaxValue: NodeRule {
    static let id = "syntax-value"

    func check(_ node: LintNode) -> [Finding] {
        let kinds: Set<ConfigurationProblem.Kind> = [
            .notANumber, .outOfRange, .unknownValue, .unknownOption, .missingOptionValue, .invalidAddress,
            .tooLong,
            .familyMismatch,
        ]
        let elsewhere: Set<String> = [
            "virtual_router_id", "priority", "advert_int", "state", "auth_type", "auth_pass", "unicast_peer",
            "virtual_ipaddress", "virtual_ipaddress_excluded", "interval", "timeout", "rise", "fall",
            "vrrp_garp_interval", "vrrp_gna_interval",
        ]
        return node.configuration.problems.filter {
            kinds.contains($0.kind) && !elsewhere.contains($0.keyword) && !$0.consequence.contains("quote")
        }.map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                (problem.owner.isEmpty ? "" : problem.owner + ": ")
                    + (problem.text.isEmpty
                        ? "`\(problem.keyword)` has no value"
                        : "`\(problem.keyword)` does not accept `\(problem.text)`"),
                effect: problem.consequence,
                fix: problem.text.isEmpty ? "give the value" : "correct the value")
        }
    }
}
