import Keepalived

/// An address that keepalived cannot use as written.
///
/// - Condition: An entry is not an address, is of the other address family, stands behind another address on one
///   line, or has an invalid prefix or option.
/// - Why: keepalived drops the entry, so no node holds the address, or its prefix becomes /32. An IPv6 address takes
///   no label and no scope.
/// - Remedy: Write one address with its prefix per line; an address of the other family goes into
///   `virtual_ipaddress_excluded`, or into an instance of its own.
struct VIPBad: NodeRule {
    static let id = "vip-bad"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["virtual_ipaddress", "virtual_ipaddress_excluded", "static_ipaddress"])
            .filter { $0.kind != .required && $0.kind != .tooLong }
            .map { problem in
                let isDropped = problem.consequence.contains("dropped")
                let owner = problem.owner.isEmpty ? "" : "\(problem.owner): "
                return node.finding(
                    Self.id,
                    isDropped || problem.kind == .notANumber || problem.kind == .outOfRange
                        ? .error : .warning,
                    at: problem.location, owner + what(problem),
                    effect: problem.consequence, fix: remedy(problem))
            }
    }

    private func what(_ problem: ConfigurationProblem) -> String {
        switch problem.kind {
        case .familyMismatch where !problem.text.isEmpty && problem.consequence.contains("one family"):
            "`\(problem.text)` is of another family than the addresses before it"
        case .wordsIgnored: "`\(problem.text)` is the second address on its line"
        case .reset: "`\(problem.text)` has a label or a scope"
        default: "`\(problem.text)` in `\(problem.keyword)` is not valid"
        }
    }

    private func remedy(_ problem: ConfigurationProblem) -> String {
        switch problem.kind {
        case .familyMismatch where problem.consequence.contains("one family"):
            "list it in `virtual_ipaddress_excluded`, or in an instance of its own"
        case .wordsIgnored: "write it on a line of its own"
        case .reset: "remove the label and the scope"
        case .invalidAddress, .outOfRange, .notANumber: "write `ADDRESS/LENGTH`"
        case .missingOptionValue: "give `\(problem.text)` its value, or remove it"
        default: "correct or remove `\(problem.text)`"
        }
    }
}
